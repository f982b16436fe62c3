import { callback, duration, list, oneOf, strongSecret, text, whole } from './fields.ts'
import { dictionary, group, identifier, matching, name } from './option-parts.ts'
import type {
  AccessOptions,
  Hs256KeyOptions,
  LinkOptions,
  PasswordOptions,
  PepperOptions,
  RevocationOptions,
  RoleOptions,
  SessionLifetimeOptions,
  SessionOptions,
  TokenOptions,
} from './options-accounts.ts'

const permission = text({
  accepts: 'permission',
  flaw: matching(
    /^(?:\*|(?:\*|[A-Za-z0-9_-]+)(?::(?:\*|[A-Za-z0-9_-]+)){1,7})$/,
    `must be 'action:resource', such as 'read:projects'.`,
  ),
})

const lifetime = (idle: string, absolute: string) =>
  group<SessionLifetimeOptions>({
    idle: duration({ min: '1m', max: '90d', fallback: idle }),
    absolute: duration({ min: '5m', max: '365d', fallback: absolute }),
  })

export const password = group<PasswordOptions>({
  minLength: whole({ min: 8, max: 64, fallback: 15 }),
  maxLength: whole({ min: 64, max: 1_024, fallback: 256 }),
  minScore: whole({ min: 0, max: 4, fallback: 3 }),
  memoryKiB: whole({ min: 7_168, max: 1_048_576, fallback: 19_456 }),
  passes: whole({ min: 1, max: 20, fallback: 2 }),
  parallelism: whole({ min: 1, max: 16, fallback: 1 }),
  concurrency: whole({ min: 1, max: 64 }),
  maxWait: duration({ min: '100ms', max: '30s', fallback: '5s' }),
  pepper: group<PepperOptions>(
    {
      current: text({ required: true, max: 63 }),
      keys: dictionary(
        identifier,
        strongSecret({ advice: 'Make a pepper with `holdfast secrets generate`.' }),
        true,
      ),
    },
    { optional: true },
  ),
})

export const tokens = group<TokenOptions>({
  algorithm: oneOf(['EdDSA', 'ES256', 'HS256'], 'EdDSA'),
  accessLifetime: duration({ min: '5m', max: '60m', fallback: '15m' }),
  audience: text({ max: 500 }),
  keyRotation: duration({ min: '1d', max: '365d', fallback: '90d' }),
  hs256Key: group<Hs256KeyOptions>(
    {
      id: text({ required: true, max: 63 }),
      secret: strongSecret({
        required: true,
        advice: 'Make one with `holdfast secrets generate`.',
      }),
    },
    { optional: true },
  ),
  claims: callback(),
})

export const access = group<AccessOptions>({
  defaultRole: name('user'),
  superAdminRole: name('super_admin'),
  roles: dictionary(
    identifier,
    group<RoleOptions>({
      permissions: list(permission, { required: true }),
      deny: list(permission),
      inherits: list(name()),
    }),
  ),
})

export const sessions = group<SessionOptions>({
  cookie: lifetime('17m', '7d'),
  body: lifetime('30d', '90d'),
  session: lifetime('17m', '7d'),
  maxPerUser: whole({ min: 1, max: 10_000 }),
  refreshGrace: duration({ min: '1s', max: '60s', fallback: '10s' }),
})

export const revocation = group<RevocationOptions>({
  poll: duration({ min: '20ms', max: '1s', fallback: '200ms' }),
  maxStale: duration({ min: '500ms', max: '60s', fallback: '10s' }),
})

export const links = group<LinkOptions>({
  verifyEmail: duration({ min: '10m', max: '7d', fallback: '24h' }),
})
