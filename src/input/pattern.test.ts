import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearPattern } from './pattern.ts'

/** Sources of patterns from pieces that this reader knows. */
const source: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\.', '^', '$', '[a-c\\]]', 'é'),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => a + b),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,}', '*?'))
      .map(([a, times]) => `(${a})${times}`),
  ),
})).node

const texts = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '1', '.', 'é', '\n', ']'),
  maxLength: 8,
})

/** Each makes a backtracking engine try exponentially or quadratically many ways. */
const slow: readonly [RegExp, string, string][] = [
  [/^(a+)+$/, 'a', '!'],
  [/^(a|a)*$/, 'a', '!'],
  [/^(a|aa)+$/, 'a', '!'],
  [/(x+x+)+y/, 'x', ''],
  [/^([a-z0-9]+[-.]?)+@$/, 'a', '!'],
  [/\s+$/, ' ', 'x'],
  [/^(.*)*,(.*)*;$/, ',', ''],
  [/^(\w+\s?)*$/, 'w', '!'],
  [/a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaa$/, 'a', '!'],
]

describe('a pattern of a rule', () => {
  it('means what the same regular expression means', () => {
    fc.assert(
      fc.property(source, texts, fc.constantFrom('', 'i', 'u', 's'), (text, input, flags) => {
        const pattern = new RegExp(text, flags)
        expect(linearPattern(pattern).test(input)).toBe(pattern.test(input))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(slow)(
    'looks at no more than twice the steps for twice the text: %s',
    (pattern, unit, end) => {
      const { measure } = linearPattern(pattern)
      const steps = (count: number) => measure(unit.repeat(count) + end).steps
      const [one, two] = [steps(5_000), steps(10_000)]
      expect(two).toBeLessThan(one * 2.1)
      expect(two).toBeLessThan(10_000 * 100)
    },
  )

  it.each([
    ...[
      /a(?=b)/,
      /a(?!b)/,
      /(?<=a)b/,
      /(?<!a)b/,
      /(a)\1/,
      /(?<n>a)\k<n>/,
      /\bword/,
      /a\B/,
      /^a$/m,
      /a/y,
    ],
    ...[/(?:a{30}){30}/, /a{700}/],
  ])('that could be slow is refused where it is written: %s', (pattern) => {
    expect(() => linearPattern(pattern)).toThrowError(
      expect.objectContaining({ name: 'PatternFault' }),
    )
  })

  it('that is large is taken for short texts alone', () => {
    const large = /[a-z]{1,200}\d/
    expect(() => linearPattern(large, 10_000)).toThrow('with max: ')
    const { found, steps } = linearPattern(large, 2_000).measure('a'.repeat(2_000))
    expect([found, steps < 1_000_000]).toEqual([false, true])
  })

  it.each<[RegExp, string, boolean]>([
    [/^[A-Z]{2}\d{4,6}$/, 'AB12345', true],
    [/^[A-Z]{2}\d{4,6}$/, 'AB123', false],
    [/^\p{L}[\p{L}' -]{0,99}$/u, "O'Brien-Müller", true],
    [/^.$/u, '\u{1f600}', true],
    [/^.$/, '\u{1f600}', false],
    [/b/i, 'aBc', true],
    [/^(?<year>\d{4})-(\d\d)$/, '2026-11', true],
    [/^$/, '', true],
  ])('%s of %j is %j', (pattern, text, found) => {
    expect(linearPattern(pattern).test(text)).toBe(found)
  })
})
