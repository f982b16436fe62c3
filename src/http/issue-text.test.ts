import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { issueText } from './issue-text.ts'

const schema = z.strictObject({
  email: z.string().min(1).max(5),
  name: z.string().min(3).optional(),
  kind: z.enum(['cookie', 'body']).optional(),
  roles: z.array(z.string()).max(1).optional(),
  age: z.number().int().min(1).optional(),
  sure: z.boolean().optional(),
  id: z.union([z.string(), z.number()]).optional(),
})

/** The words for each field that is not taken. */
function words(input: unknown): Record<string, string> {
  const { error } = schema.safeParse(input)
  const entries = (error?.issues ?? []).map((one) => [one.path.join('/'), issueText(one, input)])
  return Object.fromEntries(entries)
}

describe('what is wrong with a field is told in plain words', () => {
  it.each([
    [{}, 'email', 'This is needed and was not sent.'],
    [{ email: 7 }, 'email', 'This has to be a text.'],
    [{ email: null }, 'email', 'This has to be a text.'],
    [{ email: '' }, 'email', 'This is empty.'],
    [{ email: 'abcdef' }, 'email', 'This is too long: at most 5 characters.'],
    [{ email: 'a', name: 'b' }, 'name', 'This is too short: at least 3 characters.'],
    [{ email: 'a', kind: 'x' }, 'kind', 'This has to be one of "cookie", "body".'],
    [{ email: 'a', roles: ['a', 'b'] }, 'roles', 'This is too long: at most 1 entries.'],
    [{ email: 'a', roles: [1] }, 'roles/0', 'This has to be a text.'],
    [{ email: 'a', roles: 'a' }, 'roles', 'This has to be a list.'],
    [{ email: 'a', age: 0 }, 'age', 'This has to be at least 1.'],
    [{ email: 'a', age: 1.5 }, 'age', 'This has to be a whole number.'],
    [{ email: 'a', sure: 'yes' }, 'sure', 'This has to be true or false.'],
    [{ email: 'a', id: true }, 'id', 'This is of none of the kinds that are taken here.'],
  ])('%j', (input, field, text) => {
    expect(words(input)).toEqual({ [field]: text })
  })

  it.each([
    [{ code: 'too_small', message: 'At least two.' }, 'At least two.'],
    [{ code: 'too_big', message: 'At most two' }, 'At most two.'],
    [{ code: 'invalid_value', message: 'Yes or no?' }, 'Yes or no?'],
  ])('an issue that names no bound keeps its own words: %j', (issue, text) => {
    expect(issueText({ ...issue, path: ['a'] }, { a: 1 })).toBe(text)
  })

  it('whatever was sent, nothing of it is repeated', () => {
    const secret = 'hunter2-hunter2'
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(schema.shape)), fc.anything(), (field, more) => {
        const told = words({ [field]: secret, more })
        expect(JSON.stringify(told)).not.toMatch(/hunter2|Invalid|expected/)
      }),
    )
  })
})
