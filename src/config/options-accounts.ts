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
  /** Secret mixed into every hash, kept outside the database. Losing it makes every password unusable. */
  readonly pepper?: PepperOptions
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

/** Roles and what they may do. */
export interface AccessOptions {
  /** Role of a new account. */
  readonly defaultRole?: string
  /** Role that holds `*`; its last member cannot be removed. */
  readonly superAdminRole?: string
  /** Roles by name. They are added to the system roles; a system role named here is replaced as a whole. */
  readonly roles?: Readonly<Record<string, RoleOptions>>
}

/** One role. */
export interface RoleOptions {
  /** Permissions `action:resource[:sub]`; `*` stands for one segment, and as the last for all that follow. */
  readonly permissions: readonly string[]
  /** Permissions taken away again; they win over every grant. */
  readonly deny?: readonly string[]
  /** Names of roles whose permissions this one has as well. */
  readonly inherits?: readonly string[]
}

/** How long mailed links work. Each works once. */
export interface LinkOptions {
  /** Confirmation of an address. */
  readonly verifyEmail?: Duration
}
