import { callback, duration, flag, oneOf, secretText, strongSecret, text, whole } from './fields.ts'
import { dictionary, group, identifier, matching } from './option-parts.ts'
import type {
  BreachOptions,
  CaptchaOptions,
  ClosedAccountOptions,
  Hs256KeyOptions,
  LinkOptions,
  LockoutOptions,
  NoticeOptions,
  PasswordOptions,
  PepperOptions,
  RevocationOptions,
  SessionLifetimeOptions,
  SessionOptions,
  StepUpOptions,
  TokenOptions,
} from './options-accounts.ts'

const keyId = text({
  required: true,
  accepts: 'name',
  flaw: matching(/^[A-Za-z0-9._-]{1,64}$/, `must be 1 to 64 letters, digits, '.', '_' and '-'.`),
})

const lifetime = (idle: string, absolute: string) =>
  group<SessionLifetimeOptions>({
    idle: duration({ min: '1m', max: '90d', fallback: idle }),
    absolute: duration({ min: '5m', max: '365d', fallback: absolute }),
  })

const serviceFlaw = matching(
  /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1)[:/])[\x21-\x7e]+$/,
  "must begin with 'https://'.",
)

export const password = group<PasswordOptions>({
  minLength: whole({ min: 8, max: 64, fallback: 15 }),
  maxLength: whole({ min: 64, max: 1_024, fallback: 256 }),
  minScore: whole({ min: 0, max: 4, fallback: 3 }),
  memoryKiB: whole({ min: 7_168, max: 1_048_576, fallback: 19_456 }),
  passes: whole({ min: 1, max: 20, fallback: 2 }),
  parallelism: whole({ min: 1, max: 16, fallback: 1 }),
  concurrency: whole({ min: 1, max: 64 }),
  maxWait: duration({ min: '100ms', max: '30s', fallback: '5s' }),
  breaches: group<BreachOptions>(
    {
      source: oneOf(['none', 'hibp'], 'none'),
      url: text({ fallback: 'https://api.pwnedpasswords.com', max: 500, flaw: serviceFlaw }),
      timeout: duration({ min: '100ms', max: '5s', fallback: '2s' }),
    },
    { shorthand: 'source' },
  ),
  pepper: group<PepperOptions>(
    {
      current: keyId,
      keys: dictionary(
        identifier,
        strongSecret({
          required: true,
          advice: 'Make a pepper with `holdfast secrets generate`.',
        }),
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
      id: keyId,
      secret: strongSecret({
        required: true,
        advice: 'Make one with `holdfast secrets generate`.',
      }),
    },
    { optional: true },
  ),
  claims: callback(),
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
  resetPassword: duration({ min: '5m', max: '24h', fallback: '30m' }),
  changeEmail: duration({ min: '10m', max: '7d', fallback: '24h' }),
  report: duration({ min: '1d', max: '30d', fallback: '7d' }),
  invitation: duration({ min: '1h', max: '30d', fallback: '7d' }),
})

export const lockout = group<LockoutOptions>(
  {
    mode: oneOf(['adaptive', 'strict'], 'adaptive'),
    attempts: whole({ min: 3, max: 100, fallback: 5 }),
    duration: duration({ min: '1m', max: '24h', fallback: '15m' }),
    guesses: whole({ min: 10, max: 100, fallback: 100 }),
  },
  { shorthand: 'mode' },
)

export const captcha = group<CaptchaOptions>(
  {
    provider: oneOf(['altcha', 'turnstile', 'hcaptcha', 'recaptcha', 'none'], 'altcha'),
    after: whole({ min: 0, max: 100, fallback: 3 }),
    siteKey: text({ max: 200 }),
    secret: secretText({ max: 500 }),
    verifyUrl: text({ max: 500, flaw: serviceFlaw }),
    whenUnavailable: oneOf(['refuse', 'allow'], 'refuse'),
    work: whole({ min: 1_000, max: 10_000_000, fallback: 50_000 }),
  },
  { shorthand: 'provider' },
)

const addressFlaw = matching(
  /^[^\s@<>,;"()]+@[^\s@<>,;"()]+$/,
  'must be one e-mail address, such as security@example.com.',
)

export const notices = group<NoticeOptions>({
  underAttack: flag(true),
  newDevice: flag(true),
  password: flag(true),
  email: flag(true),
  factors: flag(true),
  apiKeys: flag(true),
  securityTeam: text({ max: 254, accepts: 'address', flaw: addressFlaw }),
})

export const stepUp = group<StepUpOptions>({
  within: duration({ min: '1m', max: '24h', fallback: '15m' }),
})

export const closedAccounts = group<ClosedAccountOptions>({
  eraseAfter: duration({ min: '1d', max: '365d', fallback: '30d' }),
})
