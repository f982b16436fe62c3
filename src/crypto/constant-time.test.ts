import { describe, expect, it } from 'vitest'
import { equalBytes, equalSecrets } from './constant-time.ts'

describe('equalSecrets', () => {
  it('holds for equal text and bytes', () => {
    expect(equalSecrets('', '')).toBe(true)
    expect(equalSecrets('sécret', 'sécret')).toBe(true)
    expect(equalSecrets('sécret', Buffer.from('sécret'))).toBe(true)
    expect(equalSecrets(new Uint8Array([1, 2]), new Uint8Array([1, 2]))).toBe(true)
  })

  it.each([
    ['secret', 'secreT'],
    ['secret', 'secret '],
    ['secret', ''],
    ['', 'secret'],
    ['a'.repeat(1_000), 'a'.repeat(999)],
    ['e\u0301', '\u00e9'],
  ])('fails for %j and %j, whatever their lengths', (a, b) => {
    expect(equalSecrets(a, b)).toBe(false)
  })

  it('does not let a lone surrogate pass for the replacement character', () => {
    expect(equalSecrets('a\ud800', 'a\ufffd')).toBe(false)
    expect(equalSecrets('a\ud800', 'a\udfff')).toBe(false)
    expect(equalSecrets('a\ud800', 'a\ud800')).toBe(false)
  })
})

describe('equalBytes', () => {
  it('holds for the same bytes and no others', () => {
    const bytes = Buffer.from('123456')
    expect(equalBytes(bytes, Buffer.from('123456'))).toBe(true)
    expect(equalBytes(bytes, Buffer.from('123457'))).toBe(false)
    expect(equalBytes(bytes, Buffer.from('023456'))).toBe(false)
  })

  it('fails where lengths differ, and throws nothing', () => {
    for (const other of ['', '12345', '1234567']) {
      expect(equalBytes(Buffer.from('123456'), Buffer.from(other))).toBe(false)
    }
  })
})
