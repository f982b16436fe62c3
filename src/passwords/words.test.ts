import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { passwordWords } from './words.ts'

describe('the words of an account', () => {
  it('are each text whole, its parts and its parts joined, longest first', () => {
    expect(passwordWords(['Alice.Smith@Example.com', null, undefined, ' Bob ', 'ab'])).toEqual([
      'alice.smith@example.com',
      'alicesmithexamplecom',
      'example',
      'alice',
      'smith',
      'com',
      'bob',
    ])
  })

  it('stay what they are when they are given again', () => {
    const words = passwordWords(['Zo\u00eb O\u2019Brien', '\u5f20\u4f1f\u660e Ltd.'])
    expect(passwordWords(words)).toEqual(words)
    expect(words).toContain('zo\u00eb')
    expect(words).toContain('\u5f20\u4f1f\u660e')
  })

  it('are few and short whatever is given', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 60 })
    fc.assert(
      fc.property(texts, (given) => {
        const words = passwordWords(given)
        expect(words.length).toBeLessThanOrEqual(64)
        expect(words.every((word) => word.length >= 3 && word.length <= 64)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
