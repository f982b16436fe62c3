import { idleSections } from './env-table-idle.ts'
import { tlsVariables } from './env-table-tls.ts'

/** Variables by name; `process.env` is one. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable of the environment. docs/environment.md and .env.example are generated from these. */
export interface EnvVariable {
  readonly name: string
  /** One or two sentences: what it does, its unit, its default. */
  readonly meaning: string
  /** A value that shows the form. A secret never has one. */
  readonly example?: string
  readonly secret?: boolean
  /** The option it sets. */
  readonly option?: string
  /** What is written into that option; by default the text itself. */
  readonly as?: 'text' | 'number' | 'flag' | 'list' | 'seconds'
  /** It belongs to something that is not part of this release yet, named here. */
  readonly comesWith?: string
  /** It is no longer used, because of this. */
  readonly retired?: string
}

export interface EnvSection {
  readonly title: string
  readonly variables: readonly EnvVariable[]
}

/** Every variable that Holdfast knows, in the order of the reference. */
export const envSections: readonly EnvSection[] = [
  {
    title: 'Needed in production',
    variables: [
      {
        name: 'MASTER_ENCRYPTION_KEY',
        secret: true,
        option: 'masterKey',
        meaning:
          'Root of every key: 32 random bytes or more, base64url or hex. `holdfast secrets generate` makes one. Keep a copy: without it sealed data cannot be opened again.',
      },
      {
        name: 'BASE_URL',
        option: 'baseUrl',
        example: 'https://app.example.com',
        meaning:
          'Public address of the app. Mail links, issuer, cookie security and own origin come from it. `http` is for localhost only.',
      },
      {
        name: 'NODE_ENV',
        example: 'production',
        meaning: '`production` refuses development mode. Other values change nothing here.',
      },
    ],
  },
  {
    title: 'The stand-alone server',
    variables: [
      { name: 'PORT', example: '3000', meaning: 'Port of the stand-alone server. Default 3000.' },
      {
        name: 'HOST',
        example: '127.0.0.1',
        meaning: 'Address it listens on. Default: every interface, and loopback in development.',
      },
      ...tlsVariables,
      {
        name: 'HOLDFAST_DATA_DIR',
        example: '.holdfast',
        meaning:
          'Private directory of the embedded database and, in development, of generated secrets. Default `.holdfast`.',
      },
      {
        name: 'APP_NAME',
        option: 'appName',
        example: 'Shop',
        meaning: 'Name of the product in mails, pages and authenticator apps. Default `Holdfast`.',
      },
      {
        name: 'HOLDFAST_PROFILE',
        option: 'profile',
        example: 'strict',
        meaning:
          '`standard` (default) or `strict`, which ends sessions after 12 hours and distrusts stale revocation data after 1 second.',
      },
      {
        name: 'TRUSTED_PROXIES',
        option: 'trustedProxies',
        as: 'list',
        example: '10.0.0.0/8, 127.0.0.1',
        meaning:
          'Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed, separated by commas. Default: none.',
      },
      {
        name: 'LOG_LEVEL',
        option: 'logLevel',
        example: 'info',
        meaning:
          'Least important log lines that are written: `debug`, `info` (default), `warn` or `error`.',
      },
    ],
  },
  {
    title: 'Database',
    variables: [
      {
        name: 'DATABASE_URL',
        secret: true,
        option: 'database.url',
        meaning:
          '`sqlite:path`, `postgres://user:password@host:5432/name` or `mysql://...`. Default: an embedded SQLite file in HOLDFAST_DATA_DIR. Give this or DB_HOST and its kin.',
      },
      {
        name: 'DB_HOST',
        example: 'db.internal',
        meaning:
          'Host of a PostgreSQL server, instead of DATABASE_URL. For MySQL use DATABASE_URL.',
      },
      { name: 'DB_PORT', example: '5432', meaning: 'Its port. Default 5432.' },
      {
        name: 'DB_NAME',
        example: 'shop',
        meaning: 'Name of the database there. Needed with DB_HOST.',
      },
      { name: 'DB_USER', example: 'shop', meaning: 'User there. Needed with DB_HOST.' },
      { name: 'DB_PASSWORD', secret: true, meaning: 'Password of that user.' },
    ],
  },
  {
    title: 'Valkey or Redis',
    variables: [
      {
        name: 'REDIS_URL',
        secret: true,
        option: 'valkey.url',
        meaning:
          '`rediss://user:password@host:6379/0`, or `redis://` and `valkey://` without TLS. Exact limits then count there. Give this or REDIS_HOST and its kin. Default: they count in the database.',
      },
      {
        name: 'REDIS_HOST',
        example: 'valkey.internal',
        meaning: 'Host of that server, instead of REDIS_URL and without TLS.',
      },
      { name: 'REDIS_PORT', example: '6379', meaning: 'Its port. Default 6379.' },
      { name: 'REDIS_USER', example: 'shop', meaning: 'User there, when it has users.' },
      { name: 'REDIS_PASSWORD', secret: true, meaning: 'Its password, when it asks for one.' },
    ],
  },
  {
    title: 'Mail',
    variables: [
      {
        name: 'SMTP_URL',
        secret: true,
        option: 'mail.smtpUrl',
        meaning:
          '`smtps://user:password@host:465` or `smtp://...:587`. Give this or SMTP_HOST and its kin. Without either no mail leaves.',
      },
      {
        name: 'SMTP_HOST',
        example: 'mail.example.com',
        meaning: 'Host of the mail server, instead of SMTP_URL.',
      },
      {
        name: 'SMTP_PORT',
        example: '587',
        meaning: 'Its port. 465 means TLS from the first byte. Default 587.',
      },
      { name: 'SMTP_USER', example: 'shop', meaning: 'User there, when it asks for one.' },
      { name: 'SMTP_PASSWORD', secret: true, meaning: 'Password of that user.' },
      {
        name: 'MAIL_FROM',
        option: 'mail.from',
        example: 'Shop <no-reply@example.com>',
        meaning: 'Sender of every mail. Default `no-reply@` the host of BASE_URL.',
      },
      {
        name: 'SECURITY_TEAM_EMAIL',
        option: 'notices.securityTeam',
        example: 'security@example.com',
        meaning:
          'Who hears of alerts, such as the use of a decoy API key. Default: nobody by mail.',
      },
    ],
  },
  {
    title: 'Sessions, limits, browsers',
    variables: [
      {
        name: 'SESSION_TIMEOUT',
        option: 'sessions.cookie.idle sessions.session.idle',
        example: '17m',
        meaning:
          'Ends a browser session this long after its last activity. A duration with a unit. Default `17m`.',
      },
      {
        name: 'PASSWORD_BREACHES',
        option: 'password.breaches',
        example: 'hibp',
        meaning:
          '`hibp` asks Have I Been Pwned whether a new password is known from a breach; five characters of its SHA-1 leave the server. Default `none`.',
      },
      {
        name: 'API_RATE_LIMIT',
        option: 'limits.general.points',
        as: 'number',
        example: '100',
        meaning:
          'Requests without a credential that one client may make in API_RATE_WINDOW. Default 100.',
      },
      {
        name: 'API_RATE_WINDOW',
        option: 'limits.general.window',
        example: '15m',
        meaning: 'Length of that window. A duration with a unit. Default `15m`.',
      },
      {
        name: 'CORS_ORIGIN',
        option: 'cors.origins',
        as: 'list',
        example: 'https://shop.example.com',
        meaning: 'Exact origins that may call from a browser, separated by commas. Default: none.',
      },
      {
        name: 'CORS_CREDENTIALS',
        option: 'cors.credentials',
        as: 'flag',
        example: 'true',
        meaning: 'Whether those origins may send cookies: `true` or `false` (default).',
      },
      {
        name: 'HSTS_MAX_AGE',
        option: 'headers.hsts.maxAge',
        as: 'seconds',
        example: '31536000',
        meaning:
          'How long browsers remember to use HTTPS only: seconds, as in the header, or a duration. Default one year.',
      },
      {
        name: 'CSP_REPORT_URI',
        option: 'headers.contentSecurityPolicy.reportUri',
        example: 'https://reports.example.com/csp',
        meaning:
          'Where browsers report violations of the Content-Security-Policy instead of to Holdfast: `https://` or a path of your own.',
      },
    ],
  },
  {
    title: 'CAPTCHA',
    variables: [
      {
        name: 'CAPTCHA_PROVIDER',
        option: 'captcha.provider',
        example: 'altcha',
        meaning:
          'Who asks for a proof after failed sign-ins: `altcha` (default, a proof of work that needs nobody else), `turnstile`, `hcaptcha`, `recaptcha` or `none`.',
      },
      {
        name: 'CAPTCHA_SITE_KEY',
        option: 'captcha.siteKey',
        meaning: 'Public key of the site at that provider. Not for `altcha`.',
      },
      {
        name: 'CAPTCHA_SECRET',
        secret: true,
        option: 'captcha.secret',
        meaning: 'Secret of the site at that provider. Not for `altcha`.',
      },
    ],
  },
  ...idleSections,
]
