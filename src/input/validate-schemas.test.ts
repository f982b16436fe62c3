import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { faultsOf } from '../../test/input/faults-of.ts'
import { type InputSchemas, rules, type StandardSchema, validateWith } from './index.ts'

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
