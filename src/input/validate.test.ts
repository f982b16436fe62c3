import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { faultsOf } from '../../test/input/faults-of.ts'
import { rules, type StandardSchema, validateWith } from './index.ts'

const byLibrary: Readonly<Record<string, StandardSchema>> = {
  zod: z.object({
    name: z.string().max(20),
    items: z.array(z.object({ price: z.number(), label: z.string().optional() })),
  }),
  valibot: v.object({
    name: v.pipe(v.string(), v.maxLength(20)),
    items: v.array(v.object({ price: v.number(), label: v.optional(v.string()) })),
  }),
  arktype: type({
    name: 'string <= 20',
    items: type({ price: 'number', 'label?': 'string' }).array(),
  }),
  rules: rules({
    name: { type: 'string', required: true, max: 20 },
    items: {
      type: 'array',
      required: true,
      items: {
        type: 'object',
        fields: { price: { type: 'number', required: true }, label: { type: 'string' } },
      },
    },
  }),
}

const secret = 'hunter2-hunter2'

describe.each(Object.entries(byLibrary))('a body by a schema of %s', (_, body) => {
  const good = { name: "O'Brien", items: [{ price: 1 }, { price: 2, label: '1 < 2' }] }

  it('that fits is given as it was sent', async () => {
    expect(await faultsOf({ body }, { body: good })).toEqual({ value: { body: good } })
  })

  it('that does not lists every place at once', async () => {
    const bad = { items: [{ price: 'x' }, { price: 1, label: 5 }] }
    const result = await faultsOf({ body }, { body: bad })
    expect(result.code).toBe('invalid_request')
    expect([...(result.places ?? [])].sort()).toEqual([
      '#/body/items/0/price',
      '#/body/items/1/label',
      '#/body/name',
    ])
  })

  it('with keys that it does not name is refused, however deep they are', async () => {
    const more = { ...good, role: 'admin', items: [{ price: 1, 'a/b': 1 }, { price: 2 }] }
    const result = await faultsOf({ body }, { body: more })
    expect(result.code).toBe('unknown_field')
    expect([...(result.places ?? [])].sort()).toEqual(['#/body/items/0/a~1b', '#/body/role'])
  })

  it('is given without them where they are to be stripped, and stays itself as it was', async () => {
    const more = { ...good, role: 'admin', items: [{ price: 1, x: 1 }, { price: 2 }] }
    const before = structuredClone(more)
    const result = await faultsOf({ body }, { body: more }, { unknown: 'strip' })
    expect(result).toEqual({
      value: { body: { name: "O'Brien", items: [{ price: 1 }, { price: 2 }] } },
    })
    expect(more).toEqual(before)
  })

  it('is answered without anything that was sent', async () => {
    for (const sent of [
      { name: secret.repeat(3), items: [] },
      { name: 'x', items: secret },
      { name: 'x', items: [{ price: secret }] },
      { name: 'x', items: [{ price: 1, label: [secret] }] },
      secret,
    ]) {
      const { faults } = await faultsOf({ body }, { body: sent })
      expect(faults?.length).toBeGreaterThan(0)
      for (const { code, detail } of faults ?? []) {
        expect(detail).not.toContain('hunter')
        expect(detail.length).toBeGreaterThan(5)
        expect(code).toMatch(/^[a-z_]+$/i)
      }
    }
  })

  it('that was not sent lacks its fields', async () => {
    const result = await faultsOf({ body }, { body: undefined })
    expect([...(result.places ?? [])].sort()).toEqual(['#/body/items', '#/body/name'])
  })

  it('is decided on, whatever it is, and is never changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (sent) => {
        const before = JSON.stringify(sent)
        const result = await validateWith({ body }).check({ body: sent })
        if (!result.ok) expect(result.error.status).toBe(400)
        expect(JSON.stringify(sent)).toBe(before)
      }),
      { numRuns: 50 },
    )
  })
})

describe('what `rules` says', () => {
  const body = rules({
    count: { type: 'integer', min: 1, max: 9 },
    note: { type: 'string', min: 2, max: 4 },
    code: { type: 'string', pattern: /^[A-Z]+$/ },
    tags: { type: 'array', items: { type: 'string' }, min: 2, max: 3 },
    some: { type: 'array', items: { type: 'string' }, min: 1 },
    size: { type: 'enum', values: ['S', 'M', 'payment received'] },
    mail: { type: 'email' },
    whole: { type: 'integer' },
    home: { type: 'url' },
    day: { type: 'date', min: '2026-01-01' },
  })

  it.each([
    [{ count: 0 }, 'This has to be at least 1.'],
    [{ count: 10 }, 'This has to be at most 9.'],
    [{ note: 'a' }, 'This is too short: at least 2 characters.'],
    [{ note: 'abcde' }, 'This is too long: at most 4 characters.'],
    [{ code: 'is' }, 'This is not of the form that is expected here.'],
    [{ tags: ['a'] }, 'This is too short: at least 2 entries.'],
    [{ tags: ['a', 'b', 'c', 'd'] }, 'This is too long: at most 3 entries.'],
    [{ some: [] }, 'This is empty.'],
    [{ size: 'one' }, 'This has to be one of "S", "M", "payment received".'],
    [{ mail: 'mail' }, 'This has to be one e-mail address.'],
    [{ whole: 1.5 }, 'This has to be a whole number.'],
    [{ home: 'x' }, 'This has to be an address that begins with https:// or http://.'],
    [{ day: '2025-12-31' }, 'This has to be 2026-01-01 or later.'],
  ])('of %j is answered in its own words', async (sent, detail) => {
    const { faults } = await faultsOf({ body }, { body: sent })
    expect(faults).toMatchObject([{ detail }])
  })
})
