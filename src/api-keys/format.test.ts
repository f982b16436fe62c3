import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../ports/index.ts'
import { checksumOf, inspectKey, keyPattern, looksLikeKey, newKey, readKey } from './format.ts'

const environment = fc.stringMatching(/^[a-z][a-z0-9]{0,11}$/)

describe('the checksum of a key', () => {
  // The published check values of CRC-32, 0xcbf43926 and 0x414fa339, in base62.
  it.each([
    ['', '000000'],
    ['123456789', '3jZRME'],
    ['The quick brown fox jumps over the lazy dog', '1C9bYH'],
  ])('of %j is %s', (text, digits) => {
    expect(checksumOf(text)).toBe(digits)
  })
})

describe('a new key', () => {
  it('is read, inspected and found by scanners', () => {
    fc.assert(
      fc.property(environment, (word) => {
        const { hash, id, key } = newKey(word, systemRandom)
        expect(readKey(key)).toEqual({ environment: word, id, hash })
        expect(inspectKey(`  ${key}\n`)).toEqual({ kind: 'key', environment: word, id })
        expect(looksLikeKey(key)).toBe(true)
        const found = new RegExp(keyPattern).exec(`const token = "${key}";`)
        expect(found?.[0]).toBe(key)
      }),
    )
  })

  it('holds no part of what is stored of it, and no two are alike', () => {
    const keys = Array.from({ length: 1_000 }, () => newKey('live', systemRandom))
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1_000)
    expect(new Set(keys.map(({ hash }) => hash)).size).toBe(1_000)
    for (const { hash, key } of keys) expect(key).not.toContain(hash)
  })

  it('uses every character alike', () => {
    const counts = new Map<string, number>()
    for (let made = 0; made < 2_000; made++) {
      const { key } = newKey('live', systemRandom)
      for (const char of key.slice(8, -6).replace('_', '')) {
        counts.set(char, (counts.get(char) ?? 0) + 1)
      }
    }
    const expected = (2_000 * 48) / 62
    expect(counts.size).toBe(62)
    // Six standard deviations: once in some ten million runs by chance.
    for (const count of counts.values()) {
      expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected))
    }
  })

  it('draws again where a byte would make some characters likelier', () => {
    const blocks = [Array(16).fill(255), [...Array(16).keys()]]
    const random = {
      bytes: (length: number) => Uint8Array.from(blocks.shift() ?? Array(length).fill(61)),
    }
    expect(newKey('live', random).id).toBe('0123456789ABCDEF')
  })
})

describe('what is no key', () => {
  const { key } = newKey('live', systemRandom)

  it('is refused: one character changed, cut or added anywhere', () => {
    const at = fc.nat(key.length - 1)
    fc.assert(
      fc.property(at, fc.string({ minLength: 1, maxLength: 1 }), (place, char) => {
        fc.pre(key[place] !== char)
        const head = key.slice(0, place)
        expect(readKey(head + char + key.slice(place + 1))).toBeUndefined()
        expect(readKey(head + key.slice(place + 1))).toBeUndefined()
        expect(readKey(head + char + key.slice(place))).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('is told from one that was mistyped', () => {
    const flipped = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    expect(inspectKey(flipped)).toMatchObject({ kind: 'checksum_wrong', environment: 'live' })
    expect(inspectKey(key.slice(0, -1))).toEqual({ kind: 'no_key' })
  })

  it('is read without an error, whatever it is and however long', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `hf_${text}`),
        ),
        (text) => {
          expect(readKey(text)).toBeUndefined()
          expect(inspectKey(text).kind).toBe('no_key')
        },
      ),
    )
    for (const text of ['hf_'.repeat(40_000), `hf_${'a'.repeat(100_000)}`, '_'.repeat(100_000)]) {
      expect(readKey(text)).toBeUndefined()
    }
  })
})
