const alwaysOn = (what: string, where: string) => `does not exist: ${what} is always on. ${where}`

const masterKeyOnly =
  'is no longer used: every key is derived from `masterKey` or kept sealed in the database. Set `masterKey`.'

const table: readonly (readonly [names: string, successor: string])[] = [
  [
    'bcryptRounds saltRounds rounds bcrypt',
    'is not used: passwords are hashed with argon2id. See `password.memoryKiB` and `password.passes`.',
  ],
  [
    'jwtExpiry jwtExpiresIn accessTokenExpiry expiresIn',
    "is now `tokens.accessLifetime`, a duration such as '15m'.",
  ],
  [
    'refreshExpiry refreshTokenExpiry',
    "is now `sessions.cookie.absolute` (and `.body`, `.session`), a duration such as '7d'.",
  ],
  [
    'sessionTimeout inactivityTimeout',
    "is now `sessions.cookie.idle` (and `.body`, `.session`), a duration such as '17m' instead of milliseconds.",
  ],
  [
    'mfaRequired requireMFA mfa',
    'is not an option: which role or route needs a second factor is stated there, once factors are part of this release.',
  ],
  [
    'cacheTTL cacheTtl cache',
    'is not needed: verdicts are cached within bounds and ended by revocation. See `revocation.poll` and `revocation.maxStale`.',
  ],
  ['duration', "is now `window`, a duration such as '15m' instead of seconds."],
  ['maxRequests max', 'is now `points`.'],
  ['windowMs', "is now `window`, a duration such as '15m' instead of milliseconds."],
  ['blockDuration', "is now `block`, a duration such as '15m'."],
  [
    'retention retentionDays',
    'is not an option: security records are kept one year and access records 30 days.',
  ],
  [
    'keyDerivation iterations',
    'is not needed: keys are derived with HKDF from a `masterKey` that is random already.',
  ],
  ['rbac authorization', alwaysOn('access control', 'Roles are set in `access.roles`.')],
  ['audit auditLog auditing', alwaysOn('the audit log', 'Nothing has to be set.')],
  [
    'enabled',
    'does not exist: controls are always on, and their options only tune them. Remove it.',
  ],
  [
    'csrf csrfProtection',
    alwaysOn('protection against cross-site requests', 'Nothing has to be set.'),
  ],
  [
    'jwtSecret jwtRefreshSecret sessionSecret cookieSecret encryptionKey encryptionIv masterEncryptionKey',
    masterKeyOnly,
  ],
  ['jwt jwtOptions token', 'is now `tokens`.'],
  ['session', 'is now `sessions`.'],
  [
    'rateLimit rateLimits rateLimiting rateLimiter',
    'is now `limits`: `general`, `account`, `auth` and more.',
  ],
  ['maxLoginAttempts maxFailedAttempts', 'is now `limits.auth.points`.'],
  ['lockoutDuration lockoutTime', 'is now `limits.auth.block`.'],
  ['corsOrigin corsOrigins allowedOrigins', 'is now `cors.origins`, a list.'],
  ['origin', 'is now `origins`, a list of exact origins.'],
  ['trustProxy', "is now `trustedProxies`, a list of addresses such as ['10.0.0.0/8']."],
  ['helmet securityHeaders', 'is now `headers`.'],
  ['csp', 'is now `contentSecurityPolicy`.'],
  ['databaseUrl dbUrl connectionString db', 'is now `database`.'],
  ['redis redisUrl', 'is now `valkey`, with the address of the server.'],
  ['smtp email', 'is now `mail`, with `smtpUrl` and `from`.'],
  ['issuer url siteUrl publicUrl', 'is now `baseUrl`.'],
]

const successors: ReadonlyMap<string, string> = new Map(
  table.flatMap(([names, successor]) => names.split(' ').map((name) => [name, successor] as const)),
)

/**
 * What became of an option's name that teams bring along from other security code, or undefined for
 * a name nobody brings. It completes the sentence that begins with the path.
 */
export function successorOf(name: string): string | undefined {
  return successors.get(name)
}
