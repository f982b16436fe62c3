import type { Duration } from './duration.ts'

/** How passwords are judged and hashed (argon2id, RFC 9106; NIST SP 800-63B-4 section 3.1.1). */
export interface PasswordOptions {
  /** Fewest code points of a new password. Below 15 a password alone is weaker than NIST asks for. */
  readonly minLength?: number
  /** Most code points of a password. Longer ones are refused before anything is hashed. */
  readonly maxLength?: number
  /** Least zxcvbn score (0 to 4) of a new password, with the account's own words as context. */
  readonly minScore?: number
  /** Memory of one hash in KiB. More costs an attacker and the server the same; each hash running at once needs it. */
  readonly memoryKiB?: number
  /** Passes over that memory. More passes make a hash slower without more memory. */
  readonly passes?: number
  /** Lanes of one hash. More than 1 helps only where cores are idle. */
  readonly parallelism?: number
  /** Hashes running at once. By default it follows the number of cores; peak memory is this times `memoryKiB`. */
  readonly concurrency?: number
  /** Longest estimated wait for a free place in the hashing pool; beyond it the answer is 503 with Retry-After. */
  readonly maxWait?: Duration
  /** Passwords known from breaches. By default nobody is asked. */
  readonly breaches?: BreachOptions | 'none' | 'hibp'
  /** Secret mixed into every hash, kept outside the database. Losing it makes every password unusable. */
  readonly pepper?: PepperOptions
}

/** What happens to somebody who guesses passwords. */
export interface LockoutOptions {
  /** `adaptive`: growing delays for strangers, a lane of its own for each known device. `strict`: after `attempts` failures nobody signs in with this password for `duration`, the owner included. */
  readonly mode?: 'adaptive' | 'strict'
  /** Failures in a row that lock the password. `strict` only. */
  readonly attempts?: number
  /** How long it stays locked. `strict` only. */
  readonly duration?: Duration
  /** Guesses that strangers get at one password; after them only recovery or another factor opens the account to an unknown device. Forgotten when nobody has guessed for 400 days. At most 100 (NIST SP 800-63B-4 section 3.2.2). */
  readonly guesses?: number
}

/** The proof of being human that is asked for after failures. */
export interface CaptchaOptions {
  /** `altcha` is a proof of work that Holdfast makes and checks itself. The others ask a third party and need `siteKey` and `secret`. */
  readonly provider?: 'altcha' | 'turnstile' | 'hcaptcha' | 'recaptcha' | 'none'
  /** Failures after which it is asked. */
  readonly after?: number
  /** Public key of the site. Third parties only. */
  readonly siteKey?: string
  /** Secret of the site. Third parties only. */
  readonly secret?: string
  /** Where solutions are checked, when not at the provider's usual address. Third parties only. */
  readonly verifyUrl?: string
  /** What a sign-in gets while the third party cannot be asked: refused, or spared the proof. */
  readonly whenUnavailable?: 'refuse' | 'allow'
  /** Greatest number that a visitor's machine has to find. `altcha` only; 50,000 take a phone about a second. */
  readonly work?: number
}

/** Passwords known from breaches. */
export interface BreachOptions {
  /** `hibp` asks Have I Been Pwned for the range of a hash (k-anonymity): five characters of a SHA-1 leave the server, no password does. */
  readonly source?: 'none' | 'hibp'
  /** Base address of the range API. */
  readonly url?: string
  /** Longest wait; then the filter of common passwords decides alone. */
  readonly timeout?: Duration
}

/** Security notices by mail. Each is on by default. */
export interface NoticeOptions {
  /** Somebody guesses at the password; once a day. */
  readonly underAttack?: boolean
  /** A sign-in from a device that was not seen before. */
  readonly newDevice?: boolean
  /** The password was changed or reset. */
  readonly password?: boolean
  /** The e-mail address was changed; goes to the old one. Off also means no way to undo it by mail. */
  readonly email?: boolean
  /** A second factor or a passkey was added or removed, a recovery code was used, or a browser was trusted. */
  readonly factors?: boolean
  /** An API key of the account was made. */
  readonly apiKeys?: boolean
  /** Address that hears of alerts, such as the use of a decoy key. */
  readonly securityTeam?: string
}

/** Fresh proof for sensitive changes. */
export interface StepUpOptions {
  /** How long ago the last proof of a factor may be. */
  readonly within?: Duration
}

/** Closed accounts. */
export interface ClosedAccountOptions {
  /** How long a closed account can be opened again by an administrator before it is erased. */
  readonly eraseAfter?: Duration
}

/** Peppers by id, so that one can be replaced while older hashes still verify. */
export interface PepperOptions {
  /** Id of the key that new hashes use. It must be one of `keys`. */
  readonly current: string
  /** Secrets by id, each of at least 32 random bytes. Removing one ends every password hashed under it. */
  readonly keys: Readonly<Record<string, string>>
}

/** Access tokens (RFC 9068) and the keys that sign them. */
export interface TokenOptions {
  /** Signature algorithm. HS256 needs `hs256Key`, and no other service can verify without that secret. */
  readonly algorithm?: 'EdDSA' | 'ES256' | 'HS256'
  /** Lifetime of an access token, 5 to 60 minutes. It bounds what another service still believes after a sign-out. */
  readonly accessLifetime?: Duration
  /** Expected `aud` of access tokens. By default it is `baseUrl`. */
  readonly audience?: string
  /** Age at which the signing key is replaced; the old one stays published until its tokens have expired. */
  readonly keyRotation?: Duration
  /** Shared signing key, for HS256 only. It never appears in the published key set. */
  readonly hs256Key?: Hs256KeyOptions
  /** Public claims to add to each access token. They can replace no claim of Holdfast and decide nothing here. */
  readonly claims?: (user: ClaimsUser) => Readonly<Record<string, unknown>>
}

/** A named HS256 key. */
export interface Hs256KeyOptions {
  /** Becomes the `kid` of the tokens. */
  readonly id: string
  /** At least 32 random bytes as base64url or hex, used for nothing else. The key is what they decode to. */
  readonly secret: string
}

/** What `tokens.claims` may see of the user. */
export interface ClaimsUser {
  readonly id: string
  readonly roles: readonly string[]
}

/** How long sessions live, by the way their credential travels. */
export interface SessionOptions {
  /** Browsers: refresh token in a `__Host-` cookie. */
  readonly cookie?: SessionLifetimeOptions
  /** Native clients: tokens in the body. */
  readonly body?: SessionLifetimeOptions
  /** Server-rendered apps: opaque session cookie. */
  readonly session?: SessionLifetimeOptions
  /** Most sessions of one user; a new sign-in ends the oldest. By default there is no bound. */
  readonly maxPerUser?: number
  /** For how long a retry of the immediate parent gets the same refresh token. Longer helps bad networks and a thief. */
  readonly refreshGrace?: Duration
}

/** The two ends of a session. */
export interface SessionLifetimeOptions {
  /** Ends the session this long after the last activity seen by the server. */
  readonly idle?: Duration
  /** Ends the session this long after sign-in, whatever happens. Not shorter than `idle`. */
  readonly absolute?: Duration
}

/** How fast other nodes learn that something was revoked. */
export interface RevocationOptions {
  /** Pause between two reads of the version row. Longer means that a sign-out reaches other nodes later. */
  readonly poll?: Duration
  /** How long warm verdicts stand while the database is away; then protected routes answer 503. */
  readonly maxStale?: Duration
}

/** How long mailed links work. Each works once. */
export interface LinkOptions {
  /** Confirmation of an address. */
  readonly verifyEmail?: Duration
  /** A new password for somebody who forgot theirs. */
  readonly resetPassword?: Duration
  /** Confirmation of a new address of an account. */
  readonly changeEmail?: Duration
  /** "This was not me" in notices, and taking back a change of address. */
  readonly report?: Duration
  /** An invitation by an administrator. */
  readonly invitation?: Duration
}
