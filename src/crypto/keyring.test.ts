import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { SecurityError } from '../errors/index.ts'
import { createKeyring, decodeMasterKey } from './keyring.ts'

const master = Buffer.from(
  '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1cfeffbe',
  'hex',
)
const keyring = createKeyring(master.toString('base64'))

describe('a keyring', () => {
  it('is the same from hex, base64 and base64url, padded or not', () => {
    const spellings = [
      master.toString('hex'),
      master.toString('hex').toUpperCase(),
      master.toString('base64').replaceAll('=', ''),
      master.toString('base64url'),
      ` ${master.toString('base64')}\n`,
    ]
    for (const text of spellings) {
      expect(createKeyring(text).keyId).toBe(keyring.keyId)
      expect(createKeyring(text).derive('a')).toEqual(keyring.derive('a'))
    }
  })

  it('keeps its derivations: what was sealed yesterday opens tomorrow', () => {
    expect(keyring.keyId).toMatchInlineSnapshot(`"tMQtN2rrk2P4"`)
    expect(keyring.derive('seal/totp-secret').toString('hex')).toMatchInlineSnapshot(
      `"2973ee3e89ed65993ba412dd34eaf3d43aa942d875a8464662f57ac58546fdf0"`,
    )
  })

  it('gives every purpose an independent key of 32 bytes', () => {
    const keys = ['a', 'b', 'a/b', 'seal/a', 'key-id'].map((purpose) => keyring.derive(purpose))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length)
    expect(keys.every((key) => key.byteLength === 32)).toBe(true)
    expect(createKeyring(randomBytes(32).toString('hex')).derive('a')).not.toEqual(keys[0])
  })

  it('derives a purpose once', () => {
    expect(keyring.derive('cached')).toBe(keyring.derive('cached'))
    expect(keyring.deriveSecret('cached')).toBe(keyring.deriveSecret('cached'))
    expect(keyring.deriveSecret('cached').export()).toEqual(keyring.derive('cached'))
  })

  it('names its master key by a fingerprint that no purpose yields', () => {
    expect(keyring.keyId).toMatch(/^[\w-]{12}$/)
    expect(master.toString('base64url')).not.toContain(keyring.keyId)
    expect(keyring.derive('key-id').toString('base64url').startsWith(keyring.keyId)).toBe(false)
  })

  it.each(['', 'A', 'a b', '/a', 'é', 'a'.repeat(65), 'a\n'])(
    'refuses the purpose %j',
    (purpose) => {
      expect(() => keyring.derive(purpose)).toThrow(TypeError)
      expect(() => keyring.deriveSecret(purpose)).toThrow(TypeError)
    },
  )

  it('shows no key when it is printed', () => {
    keyring.derive('printed')
    const printed = inspect(keyring, { depth: 9, showHidden: true }) + JSON.stringify(keyring)
    expect(printed).not.toContain(master.toString('hex').slice(0, 8))
    expect(printed).not.toContain('Buffer')
  })
})

describe('a master key', () => {
  it.each([
    ['nothing', ''],
    ['31 bytes of hex', 'ab'.repeat(31)],
    ['31 bytes of base64', randomBytes(31).toString('base64')],
    ['a passphrase', 'correct horse battery staple, correct horse battery'],
    ['both base64 alphabets', `${'A'.repeat(44)}+/-_`],
    ['padding inside', `${'A'.repeat(22)}=${'A'.repeat(22)}`],
  ])('of %s is refused without being repeated', (_, text) => {
    expect(decodeMasterKey(text)).toBeUndefined()
    let thrown: unknown
    try {
      createKeyring(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(SecurityError)
    expect((thrown as SecurityError).code).toBe('master_key_invalid')
    if (text) expect(inspect(thrown)).not.toContain(text)
  })

  it('of 64 hex digits is 32 bytes, though it would pass for base64 of 48', () => {
    expect(decodeMasterKey('ab'.repeat(32))).toHaveLength(32)
  })
})
