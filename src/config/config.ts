import type { Clock, Logger, LogLevel, Mailer, Random } from '../ports/index.ts'
import type { AccessConfig, ApiKeyConfig, OrganisationConfig } from './config-access.ts'
import type { IpRuleConfig, TargetConfig } from './config-addresses.ts'
import type { CspConfig } from './config-csp.ts'
import type { DetectionConfig } from './config-detection.ts'
import type { AppLimitPolicyConfig } from './config-limits.ts'
import type { SignatureConfig } from './config-signatures.ts'
import type { UploadConfig } from './config-uploads.ts'
import type { DatabasePool, KyselyInstance } from './options.ts'
import type { ClaimsUser } from './options-accounts.ts'
import type { ShieldOptions } from './options-shield.ts'
import type { Secret } from './secret.ts'

/**
 * The options once checked, completed and frozen. Names are those of the options; a duration is a
 * number of milliseconds under its name with `Ms`, a size a number of bytes with `Bytes`.
 */
export interface Config {
  readonly appName: string
  /** An origin: scheme, host and port, without a slash at its end. */
  readonly baseUrl: string
  readonly profile: 'standard' | 'strict'
  readonly mode: 'production' | 'development'
  readonly masterKey: Secret
  readonly database: DatabaseConfig
  readonly valkey?: ValkeyConfig
  readonly registration: 'open' | 'invite' | 'closed'
  readonly registrationMetadata: readonly string[]
  readonly password: PasswordConfig
  readonly lockout: LockoutConfig
  readonly captcha: CaptchaConfig
  readonly notices: NoticeConfig
  readonly stepUp: { readonly withinMs: number }
  readonly mfa: MfaConfig
  readonly totp: { readonly future: 0 | 1 }
  readonly passkeys: PasskeyConfig
  readonly closedAccounts: { readonly eraseAfterMs: number }
  readonly tokens: TokenConfig
  readonly sessions: SessionConfig
  readonly cookies: 'host' | 'insecure-localhost'
  readonly revocation: RevocationConfig
  readonly limits: LimitConfig
  readonly access: AccessConfig
  readonly organisations: OrganisationConfig
  readonly apiKeys: ApiKeyConfig
  readonly trustedProxies: readonly string[]
  readonly cors: CorsConfig
  readonly headers: HeaderConfig
  readonly body: BodyConfig
  readonly shield: ShieldConfig
  readonly ipRules: IpRuleConfig
  readonly target: TargetConfig
  readonly detection: DetectionConfig
  readonly signatures: SignatureConfig
  readonly uploads: UploadConfig
  readonly mail: MailConfig
  readonly paths: PathConfig
  readonly userProperty?: string
  readonly links: LinkConfig
  readonly logLevel: LogLevel
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Where the data is: one of `url`, `pool`, `kysely`. */
export interface DatabaseConfig {
  /** Exactly one of `url`, `pool` and `kysely` is set. */
  readonly url?: Secret
  readonly pool?: DatabasePool
  readonly kysely?: KyselyInstance
  readonly tablePrefix: string
  readonly schema?: string
  readonly poolSize: number
}

/** The server of counters. */
export interface ValkeyConfig {
  readonly url: Secret
}

/** Rules of passwords and the cost of their hashes; memory in KiB. */
export interface PasswordConfig {
  readonly minLength: number
  readonly maxLength: number
  readonly minScore: number
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
  /** Absent: the hashing pool follows the number of cores. */
  readonly concurrency?: number
  readonly maxWaitMs: number
  readonly breaches: BreachConfig
  readonly pepper?: PepperConfig
}

/** Who is asked about passwords known from breaches. */
export interface BreachConfig {
  readonly source: 'none' | 'hibp'
  readonly url: string
  readonly timeoutMs: number
}

/** What guessing at passwords leads to. */
export interface LockoutConfig {
  readonly mode: 'adaptive' | 'strict'
  readonly attempts: number
  readonly durationMs: number
  readonly guesses: number
}

/** The proof of being human. `siteKey` and `secret` are set exactly for third parties. */
export interface CaptchaConfig {
  readonly provider: 'altcha' | 'turnstile' | 'hcaptcha' | 'recaptcha' | 'none'
  readonly after: number
  readonly siteKey?: string
  readonly secret?: Secret
  readonly verifyUrl?: string
  readonly whenUnavailable: 'refuse' | 'allow'
  readonly work: number
}

/** Which notices are sent. */
export interface NoticeConfig {
  readonly underAttack: boolean
  readonly newDevice: boolean
  readonly password: boolean
  readonly email: boolean
  readonly factors: boolean
  readonly apiKeys: boolean
  /** Absent: alerts go to listeners and the audit log alone. */
  readonly securityTeam?: string
}

/** Who needs a second factor, and what spares it. */
export interface MfaConfig {
  readonly required: 'optional' | 'everyone'
  readonly roles: readonly string[]
  /** Absent: nobody is let in without one. */
  readonly graceMs?: number
  /** Absent: no device is trusted. */
  readonly trustedDevicesMs?: number
  readonly fourEyes: boolean
}

/** Which passkeys are taken. */
export interface PasskeyConfig {
  readonly userVerification: 'required' | 'preferred'
  readonly attestation: 'none' | 'direct'
  /** AAGUIDs in small letters; empty means all. */
  readonly models: readonly string[]
}

/** Keys of the pepper by id; `current` hashes. */
export interface PepperConfig {
  readonly current: string
  readonly keys: Readonly<Record<string, Secret>>
}

/** Access tokens. */
export interface TokenConfig {
  readonly algorithm: 'EdDSA' | 'ES256' | 'HS256'
  readonly accessLifetimeMs: number
  readonly audience: string
  readonly keyRotationMs: number
  /** Set exactly when `algorithm` is HS256. */
  readonly hs256Key?: { readonly id: string; readonly secret: Secret }
  readonly claims?: (user: ClaimsUser) => Readonly<Record<string, unknown>>
}

/** Sessions by transport. */
export interface SessionConfig {
  readonly cookie: SessionLifetimeConfig
  readonly body: SessionLifetimeConfig
  readonly session: SessionLifetimeConfig
  readonly maxPerUser?: number
  readonly refreshGraceMs: number
}

/** Longest pause and longest life of a session. */
export interface SessionLifetimeConfig {
  readonly idleMs: number
  readonly absoluteMs: number
}

/** How nodes learn of revocations. */
export interface RevocationConfig {
  readonly pollMs: number
  readonly maxStaleMs: number
}

/** Limits by policy. */
export interface LimitConfig {
  readonly general: LimitPolicyConfig
  readonly account: LimitPolicyConfig
  readonly auth: LimitPolicyConfig
  readonly authClient: LimitPolicyConfig
  readonly mailAddress: LimitPolicyConfig
  readonly mailClient: LimitPolicyConfig
  readonly passwordCheck: LimitPolicyConfig
  readonly cspReports: LimitPolicyConfig
  readonly policies: Readonly<Record<string, AppLimitPolicyConfig>>
  /** Absent: `valkey` where there is one, else `sql`. */
  readonly store?: 'sql' | 'valkey'
}

/** One limit. */
export interface LimitPolicyConfig {
  readonly points: number
  readonly windowMs: number
  readonly blockMs?: number
}

/** Origins that may read answers. */
export interface CorsConfig {
  readonly origins: readonly string[]
  readonly credentials: boolean
  readonly methods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposedHeaders: readonly string[]
  readonly maxAgeMs: number
}

/** What the headers step compiles once. */
export interface HeaderConfig {
  readonly contentSecurityPolicy: false | CspConfig
  readonly hsts: false | HstsConfig
  readonly frameOptions: false | 'DENY' | 'SAMEORIGIN'
  readonly referrerPolicy: false | string
  /** Changes to the default policy, which belongs to the headers step. */
  readonly permissionsPolicy: false | Readonly<Record<string, readonly string[]>>
  readonly crossOriginOpenerPolicy: false | string
  readonly crossOriginResourcePolicy: false | string
  readonly crossOriginEmbedderPolicy: false | string
  readonly contentTypeOptions: false | 'nosniff'
  readonly xssProtection: false | '0'
  readonly originAgentCluster: false | '?1'
  readonly dnsPrefetchControl: false | 'off' | 'on'
  readonly permittedCrossDomainPolicies: false | 'none' | 'master-only'
  readonly authenticatedCaching: false | 'no-store' | 'private, no-cache'
}

/** Strict-Transport-Security; age in seconds. */
export interface HstsConfig {
  readonly maxAgeMs: number
  readonly includeSubDomains: boolean
  readonly preload: boolean
}

/** Bounds of request bodies, bytes. */
export interface BodyConfig {
  readonly jsonBytes: number
  readonly formBytes: number
  readonly timeoutMs: number
}

/** Sender and way of mails. */
export interface MailConfig {
  readonly from: string
  readonly smtpUrl?: Secret
  readonly language: 'en' | 'de'
  readonly mailer?: Mailer
}

/** First path segments that are ours. */
export interface PathConfig {
  readonly auth: string
  readonly admin: string
  readonly account: string
  readonly keys: string
  readonly csp: string
}

/** Life of links in mails. */
export interface LinkConfig {
  readonly verifyEmailMs: number
  readonly resetPasswordMs: number
  readonly changeEmailMs: number
  readonly reportMs: number
  readonly invitationMs: number
}

/** What each control does. */
export type ShieldConfig = Readonly<Required<ShieldOptions>>
