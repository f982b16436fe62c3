import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { relaxations, resolveConfig, type SecurityOptions } from './index.ts'

const masterKey = randomBytes(32).toString('base64url')
const some = { requiredKeys: [] as [] }
const limit = fc.record(
  {
    points: fc.integer({ min: 1, max: 5_000 }),
    window: fc.constantFrom('1m', '1h', '2h'),
    block: fc.constantFrom('1m', '1h'),
  },
  some,
)
const lifetime = fc.record(
  { idle: fc.constantFrom('1m', '10m', '2h'), absolute: fc.constantFrom('31d', '60d') },
  some,
)

/** Valid values for options of every kind, none of which contradicts another. */
const partialOptions = fc.record(
  {
    appName: fc.constantFrom('Shop', 'O’Brien & Søn'),
    profile: fc.constantFrom('standard', 'strict'),
    registration: fc.constantFrom('open', 'invite', 'closed'),
    registrationMetadata: fc.constantFrom([], ['city']),
    password: fc.record(
      {
        minLength: fc.integer({ min: 8, max: 64 }),
        maxLength: fc.integer({ min: 64, max: 512 }),
        minScore: fc.integer({ min: 0, max: 4 }),
        memoryKiB: fc.constantFrom(19_456, 65_536),
        passes: fc.integer({ min: 2, max: 5 }),
        concurrency: fc.integer({ min: 1, max: 8 }),
        maxWait: fc.constantFrom('1s', '10s'),
      },
      some,
    ),
    tokens: fc.record(
      {
        algorithm: fc.constantFrom('EdDSA', 'ES256'),
        accessLifetime: fc.constantFrom('5m', '60m'),
        keyRotation: fc.constant('30d'),
      },
      some,
    ),
    sessions: fc.record(
      {
        cookie: lifetime,
        session: lifetime,
        maxPerUser: fc.integer({ min: 1, max: 9 }),
        refreshGrace: fc.constant('20s'),
      },
      some,
    ),
    revocation: fc.record(
      { poll: fc.constantFrom('100ms', '500ms'), maxStale: fc.constantFrom('1s', '20s') },
      some,
    ),
    limits: fc.record(
      {
        general: limit,
        account: limit,
        auth: limit,
        authClient: limit,
        mailAddress: limit,
        mailClient: limit,
      },
      some,
    ),
    access: fc.record(
      {
        defaultRole: fc.constantFrom('user', 'guest'),
        roles: fc.constant({ buyer: { permissions: ['read:orders'] } }),
      },
      some,
    ),
    trustedProxies: fc.constantFrom([], ['10.0.0.0/8', '::1']),
    cors: fc.record(
      {
        origins: fc.constant(['https://shop.example.com']),
        credentials: fc.boolean(),
        methods: fc.constant(['GET']),
        maxAge: fc.constant('1m'),
      },
      some,
    ),
    headers: fc.record(
      {
        contentSecurityPolicy: fc.oneof(
          fc.constant(false),
          fc.record({ reportOnly: fc.boolean() }, some),
        ),
        hsts: fc.oneof(fc.constant(false), fc.record({ preload: fc.boolean() }, some)),
        frameOptions: fc.constantFrom(false, 'SAMEORIGIN'),
        referrerPolicy: fc.constantFrom(false, 'no-referrer'),
      },
      some,
    ),
    body: fc.record(
      { json: fc.constant('1mb'), form: fc.constant('5kb'), timeout: fc.constant('5s') },
      some,
    ),
    paths: fc.record({ auth: fc.constant('/identity'), admin: fc.constant('/back/office') }, some),
    userProperty: fc.constant('user'),
    links: fc.record({ verifyEmail: fc.constant('1h') }, some),
    logLevel: fc.constantFrom('debug', 'error'),
  },
  some,
)

type Tree = Readonly<Record<string, unknown>>

/** Values by dotted path; lists and what is no plain object count as one value. */
function leaves(tree: Tree, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [key, value] of Object.entries(tree)) {
    const at = path === '' ? key : `${path}.${key}`
    const isTree =
      typeof value === 'object' && value !== null && !Array.isArray(value) && !at.endsWith('Key')
    if (isTree) for (const entry of leaves(value as Tree, at)) found.set(...entry)
    else found.set(at, value)
  }
  return found
}

const ports = /^(clock|random|logger|masterKey|database\.url)\b/

it('an option given alone never changes another: 1,000 random partial configurations', {
  timeout: 60_000,
}, () => {
  let given = 0
  const defaults = new Map(
    (['standard', 'strict'] as const).map((profile) => [
      profile,
      leaves(
        resolveConfig({
          masterKey,
          baseUrl: 'https://app.example.com',
          profile,
        }) as unknown as Tree,
      ),
    ]),
  )
  fc.assert(
    fc.property(partialOptions, (partial) => {
      const strict = partial.profile === 'strict' ? shortened(partial) : partial
      const options = { masterKey, baseUrl: 'https://app.example.com', ...strict }
      const config = leaves(resolveConfig(options as SecurityOptions) as unknown as Tree)
      const set = [...leaves(strict as Tree).keys()]
      given += set.length
      for (const [path, value] of defaults.get(
        partial.profile === 'strict' ? 'strict' : 'standard',
      ) ?? []) {
        const chosen = set.some(
          (name) =>
            path === name ||
            path.replace(/(Ms|Bytes)$/, '') === name ||
            path.startsWith(`${name}.`),
        )
        if (!chosen && !ports.test(path)) expect([path, config.get(path)]).toEqual([path, value])
      }
    }),
    { numRuns: 1_000 },
  )
  expect(given).toBeGreaterThan(5_000)
})

/** The strict profile ends sessions after 12 hours, which longer idle times would contradict. */
function shortened<T extends { sessions?: unknown }>(options: T): Omit<T, 'sessions'> {
  const { sessions: _, ...rest } = options
  return rest
}

it('no default is a relaxation, and each weaker option is announced', () => {
  const base = { masterKey, baseUrl: 'https://app.example.com' }
  expect(relaxations(resolveConfig(base))).toEqual([])
  expect(relaxations(resolveConfig({ ...base, profile: 'strict' }))).toEqual([])
  const weak: SecurityOptions = {
    masterKey,
    mode: 'development',
    cookies: 'insecure-localhost',
    password: { minLength: 8 },
    sessions: { cookie: { idle: '1h' }, body: { absolute: '100d' } },
    headers: {
      hsts: false,
      contentSecurityPolicy: { directives: { 'script-src': ["'unsafe-inline'"] } },
    },
    limits: { auth: { window: '1m' } },
    captcha: { after: 10, work: 1_000 },
    lockout: { mode: 'strict', attempts: 10, duration: '5m' },
  }
  expect(
    relaxations(resolveConfig(weak))
      .map(({ option }) => option)
      .sort(),
  ).toEqual([
    'baseUrl',
    'captcha.after',
    'captcha.work',
    'cookies',
    'headers.contentSecurityPolicy',
    'headers.hsts',
    'limits.auth',
    'lockout.attempts',
    'lockout.duration',
    'lockout.mode',
    'mode',
    'password.minLength',
    'sessions.body.absolute',
    'sessions.cookie.idle',
  ])
})
