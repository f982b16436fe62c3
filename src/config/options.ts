import type { Clock, Logger, LogLevel, Random } from '../ports/index.ts'
import type { AccessOptions, ApiKeyOptions, OrganisationOptions } from './options-access.ts'
import type {
  CaptchaOptions,
  ClosedAccountOptions,
  LinkOptions,
  LockoutOptions,
  NoticeOptions,
  PasswordOptions,
  RevocationOptions,
  SessionOptions,
  StepUpOptions,
  TokenOptions,
} from './options-accounts.ts'
import type { IpRuleOptions, TargetOptions } from './options-addresses.ts'
import type { DetectionOptions } from './options-detection.ts'
import type { MfaOptions, PasskeyOptions, TotpOptions } from './options-factors.ts'
import type { ShieldOptions } from './options-shield.ts'
import type { SignatureOptions } from './options-signatures.ts'
import type {
  BodyOptions,
  CorsOptions,
  HeaderOptions,
  LimitOptions,
  MailOptions,
  PathOptions,
  ValkeyOptions,
} from './options-traffic.ts'
import type { UploadOptions } from './options-uploads.ts'

/**
 * Everything that can be set. Only `masterKey` and, in production, `baseUrl` must be; the rest has
 * defaults that keep every control on. Groups merge deeply: an option given alone changes nothing
 * else. Durations are texts with a unit (`'15m'`), sizes too (`'100kb'`).
 */
export interface SecurityOptions {
  /** Name of the product in mails, pages and authenticator apps. At most 64 characters. */
  readonly appName?: string
  /** Public address of the app, `https://host[:port]`; `http` is for localhost only. Mail links, issuer, cookie security and own origin come from it and never from a request. Required in production. */
  readonly baseUrl?: string | undefined
  /** `strict` shortens sessions to 12 hours and distrusts stale revocation data after 1 second. */
  readonly profile?: 'standard' | 'strict'
  /** `development` gives `baseUrl` a localhost default and keeps undelivered mail in a mailbox on loopback. Never use it where strangers reach the process. */
  readonly mode?: 'production' | 'development'
  /** Secret of at least 32 random bytes (base64url or hex), the root of every other key. Make one with `holdfast secrets generate`. Without it sealed data cannot be opened again. */
  readonly masterKey: string | undefined
  /** Address of the database, or its details. By default an embedded SQLite file. */
  readonly database?: string | DatabaseOptions | undefined
  /** Address of a Valkey or Redis server, where exact limits then count. While it is away they count in the database. */
  readonly valkey?: string | ValkeyOptions | undefined
  /** Who may come: everyone, by registering; only those whom an administrator invited, by the link mailed to them; or nobody, and administrators make accounts with a password. Invitations are possible with `open` too. */
  readonly registration?: 'open' | 'invite' | 'closed'
  /** Public metadata fields that a registration may set. Conditions never read them. */
  readonly registrationMetadata?: readonly string[]
  /** Password policy and hashing. */
  readonly password?: PasswordOptions
  /** What happens to somebody who guesses passwords. */
  readonly lockout?: LockoutOptions | 'adaptive' | 'strict'
  /** The proof of being human that is asked for after failures. */
  readonly captcha?: CaptchaOptions | NonNullable<CaptchaOptions['provider']>
  /** Security notices by mail. */
  readonly notices?: NoticeOptions
  /** Fresh proof for sensitive changes. */
  readonly stepUp?: StepUpOptions
  /** Second factors. */
  readonly mfa?: MfaOptions | 'optional' | 'everyone'
  /** Codes of authenticator apps. */
  readonly totp?: TotpOptions
  /** Passkeys. */
  readonly passkeys?: PasskeyOptions
  /** Closed accounts. */
  readonly closedAccounts?: ClosedAccountOptions
  /** Access tokens and signing keys. */
  readonly tokens?: TokenOptions
  /** Lifetimes of sessions. */
  readonly sessions?: SessionOptions
  /** `host` gives cookies the `__Host-` prefix and Secure. `insecure-localhost` drops both, for browsers that refuse Secure cookies on http://localhost; it works there only. */
  readonly cookies?: 'host' | 'insecure-localhost'
  /** How fast revocation spreads. */
  readonly revocation?: RevocationOptions
  /** Rate limits. */
  readonly limits?: LimitOptions
  /** Roles and permissions. */
  readonly access?: AccessOptions
  /** Organisations. */
  readonly organisations?: OrganisationOptions | NonNullable<OrganisationOptions['from']>
  /** API keys. */
  readonly apiKeys?: ApiKeyOptions
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; `loopback` and `private` stand for theirs. Too wide a range lets clients choose their own address. */
  readonly trustedProxies?: readonly string[]
  /** Cross-origin requests. */
  readonly cors?: CorsOptions
  /** Security headers. */
  readonly headers?: HeaderOptions
  /** Bounds of request bodies. */
  readonly body?: BodyOptions
  /** Controls in shadow. */
  readonly shield?: ShieldOptions
  /** Addresses that may reach the app. */
  readonly ipRules?: IpRuleOptions
  /** How paths are read. */
  readonly target?: TargetOptions
  /** Recognition of attacks by their text. */
  readonly detection?: DetectionOptions
  /** Signed requests. */
  readonly signatures?: SignatureOptions
  /** Uploaded files. */
  readonly uploads?: UploadOptions
  /** Outgoing mail. */
  readonly mail?: MailOptions
  /** Where Holdfast's own API stands. */
  readonly paths?: PathOptions
  /** Name of a request property that also gets the caller, such as `user` for `req.user`. */
  readonly userProperty?: string
  /** Lifetimes of mailed links. */
  readonly links?: LinkOptions
  /** Least important log lines that are written. */
  readonly logLevel?: LogLevel
  /** Where time comes from. */
  readonly clock?: Clock
  /** Where randomness comes from. Anything but the system's generator makes every secret guessable. */
  readonly random?: Random
  /** Where log lines go. By default JSON lines on standard error. */
  readonly logger?: Logger
}

/** The database in detail. Exactly one of `url`, `pool` and `kysely`. */
export interface DatabaseOptions {
  /** `sqlite:path`, `postgres://...` or `mysql://...`. */
  readonly url?: string
  /** An open pool of `pg` or `mysql2`; it stays yours to close. */
  readonly pool?: DatabasePool
  /** An open Kysely; it stays yours to destroy. */
  readonly kysely?: KyselyInstance
  /** Prefix of every table's name. */
  readonly tablePrefix?: string
  /** PostgreSQL schema of the tables. By default the connection's own. */
  readonly schema?: string
  /** Most connections of the pool made from `url`. */
  readonly poolSize?: number
}

/** The part of a `pg` or `mysql2` pool that tells it from other things. */
export interface DatabasePool {
  query(...parameters: never[]): unknown
  end(...parameters: never[]): unknown
}

/** The part of a Kysely that tells it from other things; row types are the app's own. */
export interface KyselyInstance {
  readonly isTransaction: boolean
  transaction(): unknown
  getExecutor(): unknown
}
