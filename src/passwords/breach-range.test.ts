import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestRange, parseBreachRange } from './breach-range.ts'

const suffixOf = (text: string) =>
  createHash('sha1').update(text).digest('hex').toUpperCase().slice(5)
const one = suffixOf('one')
const two = suffixOf('two')

describe('an answer of the range API', () => {
  it('is read line by line, with and without an end to the last', () => {
    const range = new Set([one, two])
    for (const text of [`${one}:2\r\n${two}:22390492`, `${one}:2\n${two}:1\n`]) {
      expect(parseBreachRange(text)).toEqual(range)
    }
  })

  it('loses its padding', () => {
    expect(parseBreachRange(`${one}:0\r\n${two}:1\r\n`)).toEqual(new Set([two]))
    expect(parseBreachRange(`${one}:0`)).toEqual(new Set())
    expect(parseBreachRange(`${one}:000`)).toEqual(new Set())
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['an empty line', `${one}:1\r\n\r\n${two}:1`],
    ['a page', '<!doctype html><title>Blocked</title>'],
    ['JSON', '{"status":"ok"}'],
    ['a short suffix', `${one.slice(1)}:1`],
    ['a long suffix', `A${one}:1`],
    ['small letters', `${one.toLowerCase()}:1`],
    ['no count', one],
    ['a negative count', `${one}:-1`],
    ['a count in words', `${one}:many`],
    ['spaces', ` ${one}:1`],
    ['an answer cut in the middle', `${one}:1\r\n${two.slice(0, 20)}`],
    ['an answer that is too long', `${one}:1\r\n`.repeat(8_000)],
  ])('is garbage when it is %s', (_, text) => {
    expect(parseBreachRange(text)).toBeUndefined()
  })

  it('is read whole or not at all, whatever comes', () => {
    const line = fc.oneof(
      fc.stringMatching(/^[0-9A-F]{35}:[0-9]{1,5}$/),
      fc.string({ unit: 'binary', maxLength: 60 }),
    )
    const end = fc.constantFrom('\r\n', '\n', '\r', '')
    const text = fc
      .array(fc.tuple(line, end), { maxLength: 30 })
      .map((lines) => lines.flat().join(''))
    let read = 0
    let refused = 0
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.array(line).map((lines) => lines.join('\r\n')),
        ),
        (given) => {
          const range = parseBreachRange(given)
          if (range) read++
          else refused++
          const lines = given.replace(/\r?\n$/, '').split(/\r?\n/)
          const isWhole = lines.every((each) => /^[0-9A-F]{35}:\d{1,12}$/.test(each))
          expect(range !== undefined).toBe(isWhole)
          for (const suffix of range ?? []) expect(given).toContain(`${suffix}:`)
        },
      ),
      { numRuns: 500 },
    )
    expect(read).toBeGreaterThan(20)
    expect(refused).toBeGreaterThan(100)
  })

  it('takes no time that a long answer could add to', () => {
    for (const text of ['\r\n', 'A', ':', '0'].map((part) => part.repeat(longestRange))) {
      expect(parseBreachRange(text)).toBeUndefined()
      expect(parseBreachRange(text.slice(0, longestRange))).toBeUndefined()
    }
  })
})
