import { expect, it, vi } from 'vitest'
import type * as Patterns from './pattern.ts'
import { rules } from './rules.ts'
import type { StandardResult } from './standard-schema.ts'

const counted = vi.hoisted(() => ({ steps: 0 }))

vi.mock('./pattern.ts', async (original) => {
  const real = await original<typeof Patterns>()
  const linearPattern: typeof real.linearPattern = (...about) => {
    const pattern = real.linearPattern(...about)
    const measure: typeof pattern.measure = (...asked) => {
      const result = pattern.measure(...asked)
      counted.steps += result.steps
      return result
    }
    return { ...pattern, measure }
  }
  return { ...real, linearPattern }
})

const codes = ({ issues = [] }: StandardResult<unknown>) =>
  issues.map((issue) => (issue as { readonly code?: string }).code)

const dear = { type: 'string', max: 1_600, pattern: /^(?:a?){290}b$/ } as const
const list = { type: 'array', items: dear } as const
const schema = rules({ list, lists: { type: 'array', items: list } })['~standard']
const text = 'a'.repeat(95)

it.each([
  ['in a list', { list: Array.from({ length: 1_000 }, () => text) }],
  ['in lists of lists', { lists: Array.from({ length: 40 }, () => Array(25).fill(text)) }],
])('rule 30: all texts %s cost together no more than one may', async (_, value) => {
  counted.steps = 0
  const found = codes(await schema.validate(value))
  expect(counted.steps).toBeGreaterThan(900_000)
  expect(counted.steps).toBeLessThan(1_001_000)
  expect([found.at(0), found.at(-1)]).toEqual(['invalid_format', 'too_big'])
})

it('a thousand short words of a plain form are looked through, in each request anew', async () => {
  const word = { type: 'string', max: 100, pattern: /^[a-z0-9-]{1,50}$/ } as const
  const words = Array.from({ length: 1_000 }, (_, at) => `${'word-'.repeat(8)}${at}`)
  const many = rules({ words: { type: 'array', items: word } })['~standard']
  for (let round = 0; round < 3; round += 1) {
    expect(await many.validate({ words })).toEqual({ value: { words } })
  }
})
