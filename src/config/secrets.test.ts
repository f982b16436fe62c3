import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { resolveConfig, sameSecret, weaknessOf } from './index.ts'

const strong = () => randomBytes(32).toString('base64url')

function refusal(options: object): string {
  try {
    resolveConfig({ masterKey: strong(), baseUrl: 'https://app.example.com', ...options })
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('strength of secrets', () => {
  it('what 32 random bytes look like is accepted, in every spelling', () => {
    for (let round = 0; round < 5_000; round++) {
      const bytes = randomBytes(32)
      for (const spelling of ['hex', 'base64', 'base64url'] as const) {
        expect(weaknessOf(bytes.toString(spelling))).toBeUndefined()
      }
    }
  })

  it.each([
    ['', 'too short'],
    ['a', 'too short'],
    [randomBytes(31).toString('hex'), 'too short'],
    [randomBytes(31).toString('base64'), 'too short'],
    ['00'.repeat(32), 'pattern'],
    ['ab'.repeat(40), 'pattern'],
    ['correcthorsebatterystaple'.repeat(3), 'pattern'],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('hex'), 'pattern'],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => 255 - i)).toString('base64'), 'pattern'],
    ['thisisalongsentencethatsomebodytypedonakeyboardonce', 'not random'],
    ['correctHorseBatteryStaplemountainRivercloud', 'not random'],
    ['This is a long sentence that somebody typed on a keyboard, once', 'not random'],
    ['your-super-secret-jwt-key-change-this-in-production-please', 'known example'],
    ['CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME', 'known example'],
    [` ${'x'.repeat(50)}`, 'spaces'],
  ])('%j is refused', (text, reason) => {
    expect(weaknessOf(text)).toContain(reason)
  })

  it('a missing, short or example master key stops the start, and the message says how to make one', () => {
    expect(refusal({ masterKey: undefined })).toContain(
      'masterKey is missing. Run `holdfast secrets generate`',
    )
    for (const masterKey of ['short', 'your-secret-key-your-secret-key-your-secret-key', 7]) {
      expect(refusal({ masterKey })).toContain('holdfast secrets generate')
    }
  })

  it('one secret for two purposes is refused, also in another spelling', () => {
    const bytes = randomBytes(32)
    const masterKey = bytes.toString('hex')
    const again = bytes.toString('base64url')
    expect(sameSecret(masterKey, again)).toBe(true)
    expect(sameSecret('pw1', 'pw2')).toBe(false)
    const pepper = { current: 'one', keys: { one: again } }
    expect(refusal({ masterKey, password: { pepper } })).toContain(
      'password.pepper.keys.one is the same as `masterKey`',
    )
    const tokens = { algorithm: 'HS256', hs256Key: { id: 'a', secret: again } }
    expect(refusal({ masterKey, tokens })).toContain(
      'tokens.hs256Key.secret is the same as `masterKey`',
    )
    const mail = { smtpUrl: `smtps://me:${again}@mail.example.com` }
    expect(refusal({ masterKey, mail })).toContain('mail.smtpUrl (its password) is the same')
    expect(refusal({ masterKey, database: `postgres://me:${again}@db/shop` })).toContain(
      'database.url (its password)',
    )
    const captcha = { provider: 'turnstile', siteKey: 'key', secret: again }
    expect(refusal({ masterKey, captcha })).toContain('captcha.secret is the same as `masterKey`')
  })

  it('a secret never stands in a message, a log line or a dump', () => {
    const weak = 'hunter2hunter2hunter2'
    expect(
      refusal({
        masterKey: weak,
        database: `mongodb://me:${weak}@db/x`,
        mail: { smtpUrl: `x://me:${weak}@y` },
      }),
    ).not.toContain('hunter2')
    const masterKey = strong()
    const config = resolveConfig({ masterKey, baseUrl: 'https://app.example.com' })
    for (const dump of [
      inspect(config, { depth: 9, showHidden: true }),
      JSON.stringify(config),
      `${config.masterKey}`,
    ]) {
      expect(dump).not.toContain(masterKey)
    }
    expect(config.masterKey.reveal()).toBe(masterKey)
    expect(config.masterKey.bytes()).toEqual(Buffer.from(masterKey, 'base64url'))
  })
})
