import type { Mailer } from '../ports/index.ts'
import type { Duration } from './duration.ts'
import type { CspOptions } from './options-csp.ts'
import type { Size } from './size.ts'

/** Rate limits. Exactly one quota applies to a request; see docs/guides. */
export interface LimitOptions {
  /** Requests without a credential, by client. */
  readonly general?: LimitPolicyOptions
  /** Requests of a signed-in account, by account. */
  readonly account?: LimitPolicyOptions
  /** Failed proofs, by client and identifier together. */
  readonly auth?: LimitPolicyOptions
  /** Failed proofs, by client alone. */
  readonly authClient?: LimitPolicyOptions
  /** Mails asked for by strangers, by address; each kind of mail has this share for itself. */
  readonly mailAddress?: LimitPolicyOptions
  /** Mails asked for by strangers, by client. */
  readonly mailClient?: LimitPolicyOptions
  /** Passwords checked for a form before they are sent, by client. */
  readonly passwordCheck?: LimitPolicyOptions
  /** Content-Security-Policy reports, by client, each delivery at least one; they take nothing from `general`. */
  readonly cspReports?: LimitPolicyOptions
  /** Policies of the app by name, for `rateLimit(name)` and `limits.consume(name, key)`. */
  readonly policies?: Readonly<Record<string, AppLimitPolicyOptions>>
  /** Where exact limits count, for all nodes together: `valkey` where the option `valkey` names a server, else `sql`. The lanes of an account always count in SQL. */
  readonly store?: 'sql' | 'valkey'
}

/** A Valkey or Redis server that all nodes share. It needs `npm install ioredis`. */
export interface ValkeyOptions {
  /** `rediss://user:password@host:6379/0`, or `redis://` and `valkey://` without TLS. One server or one address of a managed one; keys begin with the table prefix. */
  readonly url: string
}

/** A built-in limit; what is left out keeps its default. */
export interface LimitPolicyOptions {
  /** Allowed uses within the window. More gives a guesser more tries. */
  readonly points?: number
  /** Length of the window. A shorter one refills sooner. */
  readonly window?: Duration
  /** Once over the limit, refuse for this long. By default until the window refills. */
  readonly block?: Duration
}

/** A limit of the app; it has no defaults. */
export interface AppLimitPolicyOptions {
  /** Allowed uses within the window. */
  readonly points: number
  /** Length of the window. */
  readonly window: Duration
  /** Once over the limit, refuse for this long. By default until the window refills. */
  readonly block?: Duration
  /** `memory`: counted by each node and told to the others every few seconds; costs nothing. `exact`: counted before the work, for all nodes together, where `limits.store` says; for what must never happen once too often. */
  readonly store?: 'memory' | 'exact'
  /** What holds while the store of an `exact` limit is away: refuse with 503, or count in the memory of each node. */
  readonly insurance?: 'refuse' | 'memory'
}

/** Cross-origin requests (Fetch standard, section 3.2). Without `origins` none is allowed. */
export interface CorsOptions {
  /** Exact origins, such as `https://app.example.com`. Wildcards are refused. */
  readonly origins?: readonly string[]
  /** Whether those origins may send cookies. */
  readonly credentials?: boolean
  /** Methods that those origins may use. */
  readonly methods?: readonly string[]
  /** Request headers that those origins may send. */
  readonly allowedHeaders?: readonly string[]
  /** Response headers that their scripts may read. */
  readonly exposedHeaders?: readonly string[]
  /** How long a browser may remember a preflight. */
  readonly maxAge?: Duration
}

/** Security headers of every answer. `false` leaves one out. */
export interface HeaderOptions {
  /** Content-Security-Policy (CSP 3). The default allows scripts by a nonce of the response only. */
  readonly contentSecurityPolicy?: false | CspOptions
  /** Strict-Transport-Security (RFC 6797), sent on HTTPS only. */
  readonly hsts?: false | HstsOptions
  /** X-Frame-Options, for browsers without frame-ancestors. */
  readonly frameOptions?: false | 'DENY' | 'SAMEORIGIN'
  /** Referrer-Policy. */
  readonly referrerPolicy?: false | string
  /** Permissions-Policy: features to the origins that may use them; an empty list is nobody. A feature given here replaces that feature alone. */
  readonly permissionsPolicy?: false | Readonly<Record<string, readonly string[]>>
  /** Cross-Origin-Opener-Policy. */
  readonly crossOriginOpenerPolicy?: false | string
  /** Cross-Origin-Resource-Policy. */
  readonly crossOriginResourcePolicy?: false | string
  /** Cross-Origin-Embedder-Policy; off unless set, because it stops foreign images and frames. */
  readonly crossOriginEmbedderPolicy?: false | string
  /** X-Content-Type-Options: browsers believe the type that is sent. */
  readonly contentTypeOptions?: false | 'nosniff'
  /** X-XSS-Protection. The filter of old browsers could be turned against the page, so it is switched off. */
  readonly xssProtection?: false | '0'
  /** Origin-Agent-Cluster: a process of its own where the browser has one to spare. */
  readonly originAgentCluster?: false | '?1'
  /** X-DNS-Prefetch-Control. */
  readonly dnsPrefetchControl?: false | 'off' | 'on'
  /** X-Permitted-Cross-Domain-Policies, for plug-ins that nobody should have any more. */
  readonly permittedCrossDomainPolicies?: false | 'none' | 'master-only'
  /** Cache-Control of answers to whoever showed a credential. Holdfast's own API always says `no-store`. */
  readonly authenticatedCaching?: false | 'no-store' | 'private, no-cache'
}

/** Members of Strict-Transport-Security. */
export interface HstsOptions {
  /** How long browsers remember to use HTTPS only. */
  readonly maxAge?: Duration
  /** Whether subdomains are included. */
  readonly includeSubDomains?: boolean
  /** Whether browsers may ship the site in their preload list; hard to take back. */
  readonly preload?: boolean
}

/** What a request body may cost. */
export interface BodyOptions {
  /** Largest JSON body; beyond it the answer is 413. */
  readonly json?: Size
  /** Largest form body; beyond it the answer is 413. */
  readonly form?: Size
  /** Longest time for a body to arrive; beyond it the answer is 408. */
  readonly timeout?: Duration
}

/** How mail leaves. */
export interface MailOptions {
  /** Sender, `Name <address>` or an address. By default `no-reply@` the host of `baseUrl`. */
  readonly from?: string
  /** `smtp://` or `smtps://` address of the server, with user and password where it asks for them. */
  readonly smtpUrl?: string
  /** Language of mails and of the pages of accounts. */
  readonly language?: 'en' | 'de'
  /** Sends instead of SMTP. */
  readonly mailer?: Mailer
}

/** Where Holdfast's own API stands. Each begins with `/` and ends without. */
export interface PathOptions {
  /** Registration, sign-in, refresh, sign-out. */
  readonly auth?: string
  /** Administration of users, roles and audit. */
  readonly admin?: string
  /** What a user manages of their own. */
  readonly account?: string
  /** API keys. */
  readonly keys?: string
  /** Where browsers report violations of the Content-Security-Policy. */
  readonly csp?: string
}
