import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SecurityError } from '../errors/index.ts'
import type { Field } from './fields.ts'
import { type Config, resolveConfig, type SecurityOptions } from './index.ts'
import { optionTable } from './option-table.ts'

const masterKey = randomBytes(32).toString('base64url')
const base = { masterKey, baseUrl: 'https://app.example.com' }

function resolve(options: object): Config {
  return resolveConfig({ ...base, ...options } as SecurityOptions)
}

function messageOf(options: unknown): string {
  try {
    resolveConfig(options as SecurityOptions)
  } catch (error) {
    expect(error).toBeInstanceOf(SecurityError)
    expect((error as SecurityError).code).toBe('invalid_configuration')
    return (error as SecurityError).message
  }
  throw new Error('the configuration was accepted')
}

const refusal = (options: object) => messageOf({ ...base, ...options })

describe('what is accepted', () => {
  it('a master key and an address are enough', () => {
    const config = resolve({})
    expect(config.tokens).toMatchObject({ algorithm: 'EdDSA', audience: base.baseUrl })
    expect(config.password).toMatchObject({ minLength: 15, memoryKiB: 19_456, maxWaitMs: 5_000 })
    expect(config.sessions.cookie).toEqual({ idleMs: 1_020_000, absoluteMs: 604_800_000 })
    expect(config.body).toEqual({ jsonBytes: 102_400, formBytes: 102_400, timeoutMs: 30_000 })
  })

  it('an address is kept in its one canonical spelling', () => {
    expect(resolve({ baseUrl: 'HTTPS://App.Example.com:443/' }).baseUrl).toBe(base.baseUrl)
    expect(resolve({ cors: { origins: ['https://Shop.example.com'] } }).cors.origins).toEqual([
      'https://shop.example.com',
    ])
  })

  it('development has a localhost address by itself, production has none', () => {
    expect(resolveConfig({ masterKey, mode: 'development' }).baseUrl).toBe('http://localhost:3000')
    expect(messageOf({ masterKey })).toContain('baseUrl is missing')
  })

  it('an option given as undefined counts as not given', () => {
    expect(resolve({ password: { minLength: undefined } }).password.minLength).toBe(15)
  })

  it('the strict profile shortens sessions, and a given option wins over it', () => {
    const strict = resolve({ profile: 'strict', sessions: { cookie: { idle: '5m' } } })
    expect(strict.sessions.cookie).toEqual({ idleMs: 300_000, absoluteMs: 43_200_000 })
    expect(strict.revocation.maxStaleMs).toBe(1_000)
    expect(resolve({ profile: 'strict', revocation: { maxStale: '3s' } }).revocation).toEqual({
      pollMs: 200,
      maxStaleMs: 3_000,
    })
  })

  it('the configuration is frozen throughout, and ports stay as they are', () => {
    const mailer = { send: async () => {} }
    const config = resolve({ mail: { mailer }, access: { roles: { buyer: { permissions: [] } } } })
    expect(config.mail.mailer).toBe(mailer)
    expect(Object.isFrozen(mailer)).toBe(false)
    for (const part of [config, config.cors.origins, config.access.roles.buyer]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
  })

  it('a super-admin role by another name takes over, and the usual name holds nothing', () => {
    const { roles } = resolve({ access: { superAdminRole: 'root' } }).access
    expect(roles.root?.permissions).toEqual(['*'])
    expect(roles.super_admin?.permissions).toEqual([])
    expect(Object.keys(resolve({}).access.roles)).toEqual([])
  })

  it('a role that was not configured is never found by a name every object has', () => {
    const { roles } = resolve({}).access
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(roles[name]).toBeUndefined()
    }
  })
})

describe('what is refused', () => {
  it('every mistake is listed at once, each with its path', () => {
    const message = refusal({
      registration: 'maybe',
      password: { minLenght: 8 },
      cors: { origins: '*' },
    })
    expect(message).toContain('The configuration has 3 mistakes')
    expect(message).toContain(`registration must be one of 'open', 'invite', 'closed'`)
    expect(message).toContain('password.minLenght is not an option. Did you mean "minLength"?')
    expect(message).toContain('cors.origins must be a list')
  })

  it.each([
    [{ password: { minLength: '15' } }, 'password.minLength', 'Write 15 without quotes'],
    [{ password: { minLength: 7 } }, 'password.minLength', 'from 8 to 64'],
    [{ password: { minLength: Number.NaN } }, 'password.minLength', 'NaN'],
    [{ password: { minLength: null } }, 'password.minLength', 'null'],
    [{ tokens: { accessLifetime: '61m' } }, 'tokens.accessLifetime', 'from 5m to 60m'],
    [{ tokens: { accessLifetime: 900000 } }, 'tokens.accessLifetime', "write '15m'"],
    [{ tokens: { accessLifetime: '-15m' } }, 'tokens.accessLifetime', 'duration'],
    [{ body: { json: 102400 } }, 'body.json', "Write '100kb'"],
    [{ tokens: { algorithm: 'none' } }, 'tokens.algorithm', 'one of'],
    [{ tokens: { algorithm: 'HS256' } }, 'tokens.hs256Key', 'is missing'],
    [
      { tokens: { hs256Key: { id: 'a', secret: randomBytes(32).toString('hex') } } },
      'tokens.hs256Key',
      "'HS256' only",
    ],
    [{ sessions: { cookie: { idle: '8d' } } }, 'sessions.cookie.idle', 'must not be longer'],
    [{ sessions: { body: { absolute: '1d' } } }, 'sessions.body.idle', 'must not be longer'],
    [{ cookies: 'insecure-localhost' }, 'cookies', 'on localhost'],
    [{ mode: 'development' }, 'mode', 'on localhost'],
    [{ baseUrl: 'http://app.example.com' }, 'baseUrl', "Write 'https://app.example.com'"],
    [{ baseUrl: 'http://127.0.0.1:3000' }, 'baseUrl', "Write 'http://localhost:3000'"],
    [{ baseUrl: 'https://app.example.com/shop' }, 'baseUrl', "Write 'https://app.example.com'"],
    [{ baseUrl: 'https://app.example.com?' }, 'baseUrl', 'query'],
    [{ baseUrl: 'https://me:pw@app.example.com' }, 'baseUrl', 'user or password'],
    [{ baseUrl: 'app.example.com' }, 'baseUrl', 'must be an origin'],
    [{ baseUrl: 'javascript:alert(1)' }, 'baseUrl', 'https://'],
    [{ baseUrl: 'http://localhost.evil.example' }, 'baseUrl', 'plain HTTP'],
    [{ cors: { origins: ['*'] } }, 'cors.origins[0]', 'wildcards'],
    [{ cors: { origins: ['https://*.example.com'] } }, 'cors.origins[0]', 'wildcards'],
    [{ trustedProxies: ['0.0.0.0/0'] }, 'trustedProxies[0]', 'every client'],
    [{ trustedProxies: ['localhost'] }, 'trustedProxies[0]', '10.0.0.0/8'],
    [{ trustedProxies: true }, 'trustedProxies', 'list'],
    [{ trustProxy: true }, 'trustProxy', 'trustedProxies'],
    [{ access: { defaultRole: 'super_admin' } }, 'access.defaultRole', 'must not hold'],
    [{ access: { superAdminRole: 'user' } }, 'access.superAdminRole', 'other system roles'],
    [{ access: { defaultRole: 'uesr' } }, 'access.defaultRole', 'Did you mean "user"?'],
    [
      {
        access: {
          roles: {
            a: { permissions: [], inherits: ['b'] },
            b: { permissions: [], inherits: ['a'] },
          },
        },
      },
      'access.roles.a.inherits',
      'circle',
    ],
    [
      { access: { roles: { a: { permissions: ['read'] } } } },
      'access.roles.a.permissions[0]',
      'action:resource',
    ],
    [{ access: { roles: { a: {} } } }, 'access.roles.a.permissions', 'must be a list'],
    [
      { limits: { policies: { search: { points: 5 } } } },
      'limits.policies.search.window',
      'duration',
    ],
    [{ limits: { auth: { duration: 900 } } }, 'limits.auth.duration', 'is now `window`'],
    [{ mfa: { grace: '7d' } }, 'mfa.grace', 'delays what nothing demands'],
    [{ paths: { admin: '/auth' } }, 'paths', 'differ'],
    [{ paths: { admin: '/admin/' } }, 'paths.admin', 'end without'],
    [{ userProperty: 'body' }, 'userProperty', 'already means something'],
    [{ mail: { from: 'Shop\r\nBcc: x@example.com' } }, 'mail.from', 'must'],
    [{ mail: { smtpUrl: 'mail.example.com' } }, 'mail.smtpUrl', 'smtps'],
    [{ database: 'mongodb://localhost/shop' }, 'database.url', 'postgres'],
    [{ database: new Map() }, 'database', 'plain object'],
    [
      { database: { url: 'sqlite:a.db', pool: { query() {}, end() {} } } },
      'database.url',
      'one of',
    ],
    [
      {
        headers: {
          contentSecurityPolicy: { directives: { 'script-src': ["'self'; report-uri x"] } },
        },
      },
      'script-src[0]',
      'one source',
    ],
    [{ clock: { now: () => 0 } }, 'clock', 'monotonic()'],
    [{ sessions: 5 }, 'sessions', 'plain object'],
    [{ rbac: { enabled: false } }, 'rbac', 'always on'],
    [{ audit: { enabled: false } }, 'audit', 'always on'],
    [JSON.parse('{"__proto__":{"polluted":true}}'), '', ''],
  ])('%j is refused at %s', (options, path, fix) => {
    if (path === '') {
      const message = messageOf(Object.assign(JSON.parse('{"__proto__":{"a":1}}'), { masterKey }))
      expect(message).toContain('__proto__ is not an option')
      return
    }
    expect(refusal(options)).toContain(path)
    expect(refusal(options)).toContain(fix)
  })

  it.each(
    'bcryptRounds jwtExpiry refreshExpiry sessionTimeout mfaRequired cacheTTL retention keyDerivation iterations jwtSecret'.split(
      ' ',
    ),
  )('%s, a name people come from, is answered with its successor', (name) => {
    expect(refusal({ [name]: 1 })).toMatch(new RegExp(`- ${name} (is|does)`))
    expect(refusal({ [name]: 1 })).not.toContain('is not an option. Known')
  })

  it.each([undefined, null, 5, 'options', []])('%j instead of options is refused', (options) => {
    expect(messageOf(options)).toContain('The configuration has')
  })

  it('junk under the names of options is refused with the one SecurityError, never with another error', () => {
    const key = fc.constantFrom(...optionNames(optionTable))
    let refused = 0
    fc.assert(
      fc.property(fc.object({ key, maxDepth: 4, withNullPrototype: true }), (junk) => {
        try {
          resolve(junk)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_configuration' })
          refused++
        }
      }),
      { numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(300)
  })
})

function optionNames(field: Field): string[] {
  if (field.kind === 'leaf') return []
  const inside =
    field.kind === 'group' ? Object.entries(field.fields) : [['x', field.entry] as const]
  return inside.flatMap(([name, member]) => [name, ...optionNames(member)])
}
