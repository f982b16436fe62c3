import { describe, expect, it } from 'vitest'
import { equalSecrets } from './constant-time.ts'

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
