import type { Express } from 'express'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ExpressSecurity } from '../../src/adapters/express/index.ts'
import { rules, type StandardSchema } from '../../src/index.ts'
import { placesOf, shareSite } from '../adapters/shared-site.ts'
import type { Answered } from '../adapters/site.ts'

const byZod = {
  body: z.object({
    name: z.string().max(50),
    count: z.int().optional(),
    tags: z.array(z.string()).max(5).optional(),
    place: z.object({ city: z.string() }).optional(),
  }),
  query: z.object({ page: z.string().optional(), tag: z.array(z.string()).optional() }),
}

const byRules = {
  body: rules({
    name: { type: 'string', required: true, max: 50 },
    count: { type: 'integer' },
    tags: { type: 'array', max: 5, items: { type: 'string' } },
    place: { type: 'object', fields: { city: { type: 'string', required: true } } },
  }),
  query: rules({ page: { type: 'string' }, tag: { type: 'array', items: { type: 'string' } } }),
}

const paths = ['/zod', '/rules', '/strip'] as const

/** What the handlers were given. */
const seen: unknown[] = []

function addRoutes(app: Express, security: ExpressSecurity): void {
  const checks: readonly [string, { body: StandardSchema; query: StandardSchema }, object][] = [
    ['/zod', byZod, {}],
    ['/rules', byRules, {}],
    ['/strip', byZod, { unknown: 'strip' }],
  ]
  for (const [path, schemas, options] of checks) {
    const check = security.validate(schemas, options)
    app.post(path, security.open(), check, (request, response) => {
      seen.push(check.of(request).body)
      response.json({ valid: check.of(request) })
    })
  }
  app.use(security.errorHandler())
}

const shared = shareSite(addRoutes)

const send = (path: string, body: string, type = 'application/json') =>
  shared.post(path, body, { 'content-type': type })

const codeOf = ({ json, status }: Answered) => [status, json?.code]

/** What no schema gets to see: refused alike whatever the route says. */
const refused: readonly (readonly [string, string, string])[] = [
  ['__proto__', '{"name":"a","__proto__":{"admin":true}}', 'forbidden_key'],
  ['__proto__ below', '{"name":"a","place":{"__proto__":{}}}', 'forbidden_key'],
  ['__proto__ in escapes', '{"name":"a","\\u005f_proto__":1}', 'forbidden_key'],
  ['constructor.prototype', '{"name":"a","constructor":{"prototype":{}}}', 'forbidden_key'],
  ['a key twice', '{"name":"a","name":"b"}', 'duplicate_key'],
  ['a key twice in escapes', '{"name":"a","n\\u0061me":"b"}', 'duplicate_key'],
  ['NUL', '{"name":"a\\u0000"}', 'forbidden_character'],
  ['NUL in a key', '{"name":"a","b\\u0000":1}', 'forbidden_character'],
  ['half a surrogate pair', '{"name":"\\ud800"}', 'forbidden_character'],
  ['the other half', '{"name":"a","tags":["\\udc00x"]}', 'forbidden_character'],
  ['nesting without end', `{"name":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'too_deep'],
  ['objects without end', `${'{"place":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 'too_deep'],
]

describe.each(paths)('rule 31: behind validate at %s', (path) => {
  it.each(refused)('%s is refused before the schema is asked', async (_, body, code) => {
    const before = seen.length
    expect(codeOf(await send(path, body))).toEqual([400, code])
    expect(seen.length).toBe(before)
  })

  it.each([
    ['a number for a text', '{"name":5}', '#/body/name'],
    ['a list for a text', '{"name":["a"]}', '#/body/name'],
    ['an object for a text', '{"name":{"$gt":""}}', '#/body/name'],
    ['null for a text', '{"name":null}', '#/body/name'],
    ['a text for a number', '{"name":"a","count":"5"}', '#/body/count'],
    ['a fraction for a whole number', '{"name":"a","count":1.5}', '#/body/count'],
    ['a truth value for a list', '{"name":"a","tags":true}', '#/body/tags'],
    ['an object for a list', '{"name":"a","tags":{"0":"x","length":1}}', '#/body/tags'],
    ['a list for an object', '{"name":"a","place":[]}', '#/body/place'],
    ['a wrong item', '{"name":"a","tags":["x",1]}', '#/body/tags/1'],
  ])('%s is refused with its place', async (_, body, place) => {
    const answer = await send(path, body)
    expect(answer.status).toBe(400)
    expect(placesOf(answer)).toContain(place)
  })

  it.each(['[]', '"name"', '5', 'null', 'true', '[{"name":"a"}]', ''])(
    '%j is no object',
    async (body) => {
      expect((await send(path, body)).status).toBe(400)
    },
  )

  it('a constructor, a toString or a hasOwnProperty is a field like any other unknown one', async () => {
    for (const key of [
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
    ]) {
      const answer = await send(path, JSON.stringify({ name: 'a', [key]: 'x' }))
      if (path === '/strip') expect(answer.json?.valid).toEqual({ body: { name: 'a' }, query: {} })
      else {
        expect(codeOf(answer)).toEqual([400, 'unknown_field'])
        expect(placesOf(answer)).toEqual([`#/body/${key}`])
      }
    }
  })

  it('a parameter is a list only where the schema says so', async () => {
    const good = '{"name":"a"}'
    expect(placesOf(await send(`${path}?page=1&page=2`, good))).toEqual(['#/query/page'])
    const answer = await send(`${path}?tag=1&tag=2&page=3`, good)
    expect(answer.json?.valid).toEqual({
      body: { name: 'a' },
      query: { tag: ['1', '2'], page: '3' },
    })
    expect((await send(`${path}?tag=1`, good)).json?.valid).toMatchObject({ query: { tag: ['1'] } })
    for (const query of ['page[]=1', 'page[a]=1', 'page.a=1', 'tag[0]=1']) {
      const { json, status } = await send(`${path}?${query}`, good)
      if (path === '/strip') expect(json?.valid).toMatchObject({ query: {} })
      else expect([status, json?.code]).toEqual([400, 'unknown_field'])
    }
  })

  it.each([
    ['page=%00', 'forbidden_character'],
    ['page=%ed%a0%80', 'malformed_form'],
    ['page=%ff', 'malformed_form'],
    ['page=%', 'malformed_form'],
    ['__proto__=1', 'forbidden_key'],
    [Array.from({ length: 1_001 }, (_, at) => `a${at}=`).join('&'), 'too_many_keys'],
  ])('the query ?%.40s is refused', async (query, code) => {
    expect(codeOf(await send(`${path}?${query}`, '{"name":"a"}'))).toEqual([400, code])
  })

  it('a field of a form that was sent twice is no text', async () => {
    const form = 'application/x-www-form-urlencoded'
    expect(placesOf(await send(path, 'name=a&name=b', form))).toEqual(['#/body/name'])
    expect((await send(path, 'name=a&tags=x&tags=y', form)).json?.valid).toMatchObject({
      body: { name: 'a', tags: ['x', 'y'] },
    })
    expect((await send(path, 'name=a&__proto__=b', form)).status).toBe(400)
  })

  it('whatever is sent, the answer is no 5xx, and no prototype has been changed', async () => {
    const keys = fc.constantFrom('name', 'tags', 'place', '__proto__', 'constructor', 'prototype')
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 0, -0, 1e21, 'x', '\0', '\ud800', [], {}),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.array(fc.tuple(keys, tie('any')), { maxLength: 4 }).map(Object.fromEntries),
      ),
    })).any
    await fc.assert(
      fc.asyncProperty(value, async (body) => {
        const { status } = await send(path, JSON.stringify(body))
        expect([200, 400]).toContain(status)
      }),
      { numRuns: 150 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })
})

it('rule 31: what reaches a handler has the prototype of plain objects and lists', async () => {
  seen.length = 0
  for (const path of paths) {
    await send(path, '{"name":"a","tags":["x"],"place":{"city":"y"}}')
  }
  expect(seen).toHaveLength(paths.length)
  for (const body of seen as { place: object; tags: string[] }[]) {
    for (const value of [body, body.place]) {
      expect([Object.prototype, null]).toContain(Object.getPrototypeOf(value))
    }
    expect(Object.getPrototypeOf(body.tags)).toBe(Array.prototype)
  }
})
