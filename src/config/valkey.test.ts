import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { optionsFromEnv, relaxations, resolveConfig, type SecurityOptions } from './index.ts'

const masterKey = randomBytes(32).toString('base64url')
const base = { masterKey, baseUrl: 'https://app.example.com' }
const resolve = (options: object) => resolveConfig({ ...base, ...options } as SecurityOptions)

describe('the option valkey', () => {
  it.each(['redis://localhost', 'rediss://me:pw@valkey:6380/3', 'valkey://[::1]:6379'])(
    '%s may be written alone or as url',
    (url) => {
      expect(resolve({ valkey: url }).valkey?.url.reveal()).toBe(url)
      expect(resolve({ valkey: { url } }).valkey?.url.reveal()).toBe(url)
    },
  )

  it('is absent unless it is given', () => {
    expect(resolve({})).not.toHaveProperty('valkey')
    expect(resolve({ valkey: undefined })).not.toHaveProperty('valkey')
  })

  it.each([
    [{ valkey: {} }, 'valkey.url is missing'],
    [{ valkey: 'http://valkey:6379' }, 'valkey.url must be an address such as'],
    [{ valkey: 'valkey:6379' }, 'valkey.url must be an address such as'],
    [{ valkey: 'redis://valkey/shop' }, 'valkey.url must end with the number'],
    [{ valkey: 'redis://valkey?enableOfflineQueue=true' }, 'valkey.url must be an address alone'],
    [{ valkey: 'redis://me:100%@valkey' }, 'valkey.url must write user and password in percent'],
    [{ valkey: { url: 'redis://valkey', tls: true } }, 'valkey.tls is not an option'],
    [{ redis: 'redis://valkey' }, 'redis is now `valkey`'],
    [{ limits: { store: 'valkey' } }, "limits.store is 'valkey', and no server is named"],
    [{ valkey: `redis://:${masterKey}@valkey` }, 'valkey.url (its password) is the same'],
  ])('%o is refused', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
  })

  it('never tells its password', () => {
    const config = resolve({ valkey: 'rediss://me:canary@valkey' })
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('canary')
    expect(() => resolve({ valkey: 'redis://me:canary@valkey/x' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary') }),
    )
  })

  it.each([
    ['redis://valkey.internal', ['TLS', 'no password']],
    ['valkey://me:pw@valkey.internal', ['TLS']],
    ['rediss://valkey.internal', ['no password']],
    ['rediss://me:pw@valkey.internal', []],
    ['redis://localhost:6379', []],
    ['redis://127.0.0.1', []],
    ['valkey://[::1]', []],
    ['redis://127.0.0.1.example.com', ['TLS', 'no password']],
  ])('%s is told of at start: %j', (valkey, told) => {
    const found = relaxations(resolve({ valkey }))
    expect(found.map(({ option }) => option)).toEqual(told.map(() => 'valkey.url'))
    for (const [at, word] of told.entries()) expect(found[at]?.meaning).toContain(word)
  })
})

describe('variables of Redis', () => {
  const urlOf = (env: Record<string, string>) =>
    resolve(
      optionsFromEnv({ MASTER_ENCRYPTION_KEY: masterKey, ...env }).options,
    ).valkey?.url.reveal()

  it.each([
    [{ REDIS_URL: 'rediss://me:pw@valkey:6380/1' }, 'rediss://me:pw@valkey:6380/1'],
    [{ REDIS_HOST: 'valkey' }, 'redis://valkey:6379'],
    [{ REDIS_HOST: '::1', REDIS_PORT: '7000' }, 'redis://[::1]:7000'],
    [{ REDIS_HOST: 'valkey', REDIS_PASSWORD: 'p w/@' }, 'redis://:p%20w%2F%40@valkey:6379'],
    [{ REDIS_HOST: 'v', REDIS_USER: 'me', REDIS_PASSWORD: 'pw' }, 'redis://me:pw@v:6379'],
  ])('%j become an address', (env, url) => {
    expect(urlOf(env)).toBe(url)
  })

  it.each([
    [{ REDIS_PASSWORD: 'x' }, 'REDIS_HOST is missing'],
    [{ REDIS_URL: 'redis://valkey', REDIS_HOST: 'v' }, 'REDIS_HOST contradicts REDIS_URL'],
    [{ REDIS_URL: 'memcached://valkey' }, 'REDIS_URL must be an address'],
    [{ REDIS_HOST: 'me@valkey' }, 'REDIS_HOST must be a host name'],
  ])('%j are refused', (env, message) => {
    expect(() => urlOf(env)).toThrow(message)
  })
})
