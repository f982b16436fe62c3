import { originFlaw, pathFlaw, senderFlaw, toOrigin } from './address.ts'
import { duration, flag, list, oneOf, orOff, port, secretUrl, size, text, whole } from './fields.ts'
import { dictionary, group, identifier, matching } from './option-parts.ts'
import { contentSecurityPolicy } from './option-table-csp.ts'
import type {
  AppLimitPolicyOptions,
  BodyOptions,
  CorsOptions,
  HeaderOptions,
  HstsOptions,
  LimitOptions,
  LimitPolicyOptions,
  MailOptions,
  PathOptions,
  ValkeyOptions,
} from './options-traffic.ts'
import { valkeyUrl } from './valkey-address.ts'

const token = /^[A-Za-z0-9!#$%&'+.^_`|~-]+$/

const headerName = text({
  accepts: 'header name',
  flaw: matching(token, 'must be one exact header name.'),
  normalise: (value) => value.toLowerCase(),
})

const headerValue = (fallback: string | false) =>
  orOff(
    text({
      fallback,
      accepts: 'header value',
      flaw: matching(
        /^[a-z-]+(?:, *[a-z-]+)*$/,
        'must be a value of this header, in small letters.',
      ),
    }),
  )

const limit = (points: number, window: string) =>
  group<LimitPolicyOptions>({
    points: whole({ min: 1, max: 1_000_000, fallback: points }),
    window: duration({ min: '1s', max: '30d', fallback: window }),
    block: duration({ min: '1s', max: '30d' }),
  })

const appLimit = group<AppLimitPolicyOptions>({
  points: whole({ min: 1, max: 1_000_000, required: true }),
  window: duration({ min: '1s', max: '30d', required: true }),
  block: duration({ min: '1s', max: '30d' }),
  store: oneOf(['memory', 'exact'], 'memory'),
  insurance: oneOf(['refuse', 'memory'], 'refuse'),
})

export const cors = group<CorsOptions>({
  origins: list(text({ accepts: 'exact origins', flaw: originFlaw, normalise: toOrigin })),
  credentials: flag(false),
  methods: list(
    text({ accepts: 'methods', flaw: matching(/^[A-Z]+$/, 'must be a method in capitals.') }),
    {
      fallback: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    },
  ),
  allowedHeaders: list(headerName, {
    fallback: [
      'authorization',
      'content-type',
      'x-csrf-token',
      'x-requested-with',
      'x-client-version',
      'x-background',
      'x-api-key',
    ],
  }),
  exposedHeaders: list(headerName, {
    fallback: ['ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id', 'www-authenticate'],
  }),
  maxAge: duration({ min: '1s', max: '1d', fallback: '10m' }),
})

export const headers = group<HeaderOptions>({
  contentSecurityPolicy,
  hsts: group<HstsOptions>(
    {
      maxAge: duration({ min: '1s', max: '3650d', fallback: '365d' }),
      includeSubDomains: flag(true),
      preload: flag(false),
    },
    { canBeOff: true },
  ),
  frameOptions: orOff(oneOf(['DENY', 'SAMEORIGIN'], 'DENY')),
  referrerPolicy: headerValue('strict-origin-when-cross-origin'),
  permissionsPolicy: {
    ...dictionary(
      /^[a-z][a-z0-9-]{0,63}$/,
      list(
        text({
          max: 500,
          accepts: 'origins',
          flaw: matching(/^(?:\*|self|https?:\/\/[^\s"()]+)$/, `must be '*', 'self' or an origin.`),
        }),
      ),
    ),
    canBeOff: true,
  },
  crossOriginOpenerPolicy: headerValue('same-origin'),
  crossOriginResourcePolicy: headerValue('same-origin'),
  crossOriginEmbedderPolicy: headerValue(false),
  contentTypeOptions: orOff(oneOf(['nosniff'], 'nosniff')),
  xssProtection: orOff(oneOf(['0'], '0')),
  originAgentCluster: orOff(oneOf(['?1'], '?1')),
  dnsPrefetchControl: orOff(oneOf(['off', 'on'], 'off')),
  permittedCrossDomainPolicies: orOff(oneOf(['none', 'master-only'], 'none')),
  authenticatedCaching: orOff(oneOf(['no-store', 'private, no-cache'], 'no-store')),
})

export const limits = group<LimitOptions>({
  general: limit(100, '15m'),
  account: limit(1_000, '15m'),
  auth: limit(5, '15m'),
  authClient: limit(50, '15m'),
  mailAddress: limit(3, '1h'),
  mailClient: limit(20, '1h'),
  passwordCheck: limit(60, '15m'),
  cspReports: limit(100, '15m'),
  policies: dictionary(identifier, appLimit),
  store: oneOf(['sql', 'valkey']),
})

export const valkey = group<ValkeyOptions>(
  { url: valkeyUrl() },
  { optional: true, shorthand: 'url' },
)

export const body = group<BodyOptions>({
  json: size({ min: '1kb', max: '100mb', fallback: '100kb' }),
  form: size({ min: '1kb', max: '100mb', fallback: '100kb' }),
  timeout: duration({ min: '1s', max: '10m', fallback: '30s' }),
})

export const mail = group<MailOptions>({
  from: text({ max: 320, accepts: 'sender', flaw: senderFlaw }),
  smtpUrl: secretUrl(['smtp', 'smtps'], `'smtps://user:password@mail.example.com'`),
  language: oneOf(['en', 'de'], 'en'),
  mailer: port(['send'], 'a mailer'),
})

export const paths = group<PathOptions>({
  auth: text({ fallback: '/auth', flaw: pathFlaw }),
  admin: text({ fallback: '/admin', flaw: pathFlaw }),
  account: text({ fallback: '/account', flaw: pathFlaw }),
  keys: text({ fallback: '/api/keys', flaw: pathFlaw }),
  csp: text({ fallback: '/csp-reports', flaw: pathFlaw }),
})
