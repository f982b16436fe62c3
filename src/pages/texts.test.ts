import { describe, expect, it } from 'vitest'
import { english } from './english.ts'
import { german } from './german.ts'
import { spanText, textsOf } from './texts.ts'

type Leaf = readonly [path: string, text: string]

/** Every text of a table with the path of its key; lists count by their length. */
function leaves(value: unknown, path = ''): Leaf[] {
  if (typeof value === 'string') return [[path, value]]
  const entries = Object.entries(value as Readonly<Record<string, unknown>>)
  return entries.flatMap(([key, inner]) => leaves(inner, `${path}/${key}`))
}

const free = /^\/(faults|problems)\//
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('German', () => {
  const words = new Map(leaves(german))

  it('says everything that English says, with the same places to fill in', () => {
    for (const [path, text] of leaves(english)) {
      expect(places(words.get(path) ?? ''), path).toEqual(places(text))
      expect(words.get(path), path).toBeTruthy()
    }
  })

  it('has no text that English lacks, but for codes whose own words are English', () => {
    const known = new Set(leaves(english).map(([path]) => path))
    const more = [...words.keys()].filter((path) => !known.has(path) && !free.test(path))
    expect(more).toEqual([])
  })

  it('repeats no English sentence', () => {
    const same = leaves(english).filter(([path, text]) => words.get(path) === text)
    expect(same.map(([path]) => path)).toEqual(['/direction', '/account/displayName'])
  })
})

it('a language is chosen by its code, which its pages name', () => {
  expect(textsOf('en')).toBe(english)
  expect(textsOf('de').language).toBe('de')
})

it.each([
  [30 * 86_400_000, 'en', '30 days'],
  [86_400_000, 'de', '1 Tag'],
  [36 * 3_600_000, 'en', '36 hours'],
  [90_000, 'en', '2 minutes'],
])('%i ms in %s is %s, never less than it is', (ms, language, text) => {
  expect(spanText(ms, language)).toBe(text)
})
