import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type InputSchemas,
  rules,
  type SentInput,
  type StandardSchema,
  validateWith,
} from './index.ts'

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

async function faultsOf(schemas: InputSchemas, sent: SentInput, options = {}) {
  const result = await validateWith(schemas, options).check(sent)
  if (result.ok) return { value: result.value }
  const { code, extras } = result.error
  return {
    code,
    places: (extras.faults ?? []).map((fault) => fault.pointer),
    faults: extras.faults,
  }
}

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

describe('queries, parameters and headers', () => {
  const lists: Readonly<Record<string, StandardSchema>> = {
    zod: z.object({ tag: z.array(z.string()).optional(), q: z.string().optional() }),
    valibot: v.object({ tag: v.optional(v.array(v.string())), q: v.optional(v.string()) }),
    arktype: type({ 'tag?': 'string[]', 'q?': 'string' }),
    rules: rules({ tag: { type: 'array', items: { type: 'string' } }, q: { type: 'string' } }),
  }

  it.each(Object.entries(lists))(
    'hold a list only where the schema wants one: %s',
    async (_, query) => {
      const read = (sent: object) => faultsOf({ query }, { query: sent })
      expect(await read({ tag: ['a', 'b'] })).toEqual({ value: { query: { tag: ['a', 'b'] } } })
      expect(await read({ tag: 'a', q: 'x' })).toEqual({ value: { query: { tag: ['a'], q: 'x' } } })
      expect((await read({ q: ['a', 'b'] })).places).toEqual(['#/query/q'])
      expect((await read({ tag: 'a', q: ['a', 'b'] })).places).toEqual(['#/query/q'])
      expect((await read({ tag: 'a', page: '1' })).code).toBe('unknown_field')
    },
  )

  it('are numbers only where the schema makes them so', async () => {
    const sent = { query: { page: '2' } }
    const coerced = z.object({ page: z.coerce.number().int() })
    const ruled = rules({ page: { type: 'integer' } })
    expect(await faultsOf({ query: coerced }, sent)).toEqual({ value: { query: { page: 2 } } })
    expect(await faultsOf({ query: ruled }, sent)).toEqual({ value: { query: { page: 2 } } })
    const strict = z.object({ page: z.number() })
    expect((await faultsOf({ query: strict }, sent)).places).toEqual(['#/query/page'])
    expect((await faultsOf({ body: ruled }, { body: { page: '2' } })).places).toEqual([
      '#/body/page',
    ])
    const form = await faultsOf({ body: ruled }, { body: { page: '2' }, bodyIsForm: true })
    expect(form).toEqual({ value: { body: { page: 2 } } })
  })

  it('of headers only those that the schema names are read', async () => {
    const headers = { 'x-shop': 'a', cookie: 'secret', authorization: 'Bearer x' }
    for (const schema of [
      z.object({ 'x-shop': z.string() }),
      z.looseObject({ 'x-shop': z.string() }),
      v.object({ 'x-shop': v.string() }),
      type({ 'x-shop': 'string' }),
      rules({ 'x-shop': { type: 'string', required: true } }),
    ]) {
      expect(await faultsOf({ headers: schema }, { headers })).toEqual({
        value: { headers: { 'x-shop': 'a' } },
      })
    }
  })

  it('are listed with the body in one answer', async () => {
    const schemas = {
      body: z.object({ a: z.string() }),
      query: z.object({ b: z.string() }),
      params: z.object({ id: z.uuid() }),
      headers: z.object({ 'x-c': z.string() }),
    }
    const result = await faultsOf(schemas, {
      body: {},
      query: {},
      params: { id: 'x' },
      headers: {},
    })
    expect(result.places).toEqual(['#/params/id', '#/query/b', '#/headers/x-c', '#/body/a'])
  })
})

describe('schemas', () => {
  it('may answer later', async () => {
    const body = z.object({ name: z.string().refine(async (name) => name !== 'taken') })
    expect((await faultsOf({ body }, { body: { name: 'taken' } })).places).toEqual(['#/body/name'])
    expect((await faultsOf({ body }, { body: { name: 'free' } })).value).toBeDefined()
  })

  it('may turn what was sent into something else', async () => {
    const body = z.object({ when: z.iso.date().transform((day) => new Date(day)) })
    const swapped = z.object({ a: z.string() }).transform(({ a }) => ({ b: a }))
    const { value } = await faultsOf({ body }, { body: { when: '2026-11-22' } })
    expect(value).toEqual({ body: { when: new Date('2026-11-22') } })
    expect(await faultsOf({ body: swapped }, { body: { a: 'x' } })).toEqual({
      value: { body: { b: 'x' } },
    })
    expect((await faultsOf({ body: swapped }, { body: { a: 'x', c: 1 } })).code).toBe(
      'unknown_field',
    )
  })

  it('may leave objects open', async () => {
    for (const body of [
      z.looseObject({ a: z.string() }),
      z.record(z.string(), z.string()),
      z.object({ a: z.string() }).catchall(z.string()),
      v.looseObject({ a: v.string() }),
      v.record(v.string(), v.string()),
      z.unknown(),
    ]) {
      const sent = { a: 'x', other: 'y' }
      expect(await faultsOf({ body }, { body: sent })).toEqual({ value: { body: sent } })
    }
  })

  it('may be unions, recursive, or refuse what is unknown themselves', async () => {
    const union = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])
    expect(await faultsOf({ body: union }, { body: { b: 'x' } })).toEqual({
      value: { body: { b: 'x' } },
    })
    expect((await faultsOf({ body: union }, { body: { b: 'x', c: 1 } })).places).toEqual([
      '#/body/c',
    ])
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree).optional()
      },
    })
    const sent = { name: 'a', children: [{ name: 'b', children: [{ name: 'c', x: 1 }] }] }
    expect((await faultsOf({ body: tree }, { body: sent })).places).toEqual([
      '#/body/children/0/children/0/x',
    ])
    for (const strict of [z.strictObject({ a: z.string() }), v.strictObject({ a: v.string() })]) {
      const result = await faultsOf({ body: strict }, { body: { a: 'x', b: 1 } })
      expect([result.code, result.places]).toEqual(['unknown_field', ['#/body/b']])
    }
  })

  it('of a library that tells nothing of itself still refuse what they drop', async () => {
    const validate = (value: unknown) => ({ value: { a: (value as { a: unknown }).a } })
    const body: StandardSchema = { '~standard': { version: 1, vendor: 'x', validate } }
    expect((await faultsOf({ body }, { body: { a: 1, b: 2 } })).places).toEqual(['#/body/b'])
    expect(
      (await faultsOf({ body }, { body: { a: 1, b: 2 } }, { unknown: 'strip' })).value,
    ).toEqual({
      body: { a: 1 },
    })
  })

  it.each([{}, { bdy: z.string() }, { body: {} }, { body: z }, { body: null }, { query: 'x' }])(
    'that are none are refused where the route is written: %#',
    (schemas) => {
      expect(() => validateWith(schemas as InputSchemas)).toThrowError(
        expect.objectContaining({ code: 'schema_invalid' }),
      )
    },
  )

  it('an answer lists a hundred faults at most', async () => {
    const keys = Array.from({ length: 900 }, (_, at) => [`k${at}`, 1])
    const result = await faultsOf({ body: z.object({}) }, { body: Object.fromEntries(keys) })
    expect(result.places).toHaveLength(100)
  })
})
