import type { Express } from 'express'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import { json, placesOf, shareSite, urlencoded } from '../../../test/adapters/shared-site.ts'
import { openKit, serve } from '../../../test/adapters/site.ts'
import { createTestSecurity } from '../../testing/index.ts'
import { createSecurity, type ExpressSecurity, rules } from './index.ts'

const item = z.object({ name: z.string().max(50), price: z.number() })

function addRoutes(app: Express, security: ExpressSecurity): void {
  const order = security.validate({
    body: z.object({ items: z.array(item) }),
    query: rules({ page: { type: 'integer' } }),
  })
  app.post('/orders', security.open(), order, (request, response) => {
    const { body, query } = order.of(request)
    const total = body.items.reduce((sum, { price }) => sum + price, 0)
    response.json({ total, page: query.page ?? 1, valid: request.valid, body: request.body })
  })
  const wide = security.validate({
    body: z.object({
      text: z.string().max(20_000).optional(),
      list: z.array(z.number()).max(5_000).optional(),
      number: z.number().max(1e300).optional(),
      'a.b': z.string().optional(),
      $set: z.string().optional(),
      short: z.string().optional(),
    }),
  })
  app.post('/wide', security.open(), wide, (request, response) => {
    response.json({ keys: Object.keys(wide.of(request).body), same: request.body !== undefined })
  })
  app.post('/members/wide', security.authenticate, wide, (_, response) => void response.json({}))
  let ran = 0
  app.post('/silent', security.open(), (_, response) => {
    ran += 1
    response.json({ ran })
  })
  const later = app.route('/router/:id')
  const byId = security.validate({ params: z.object({ id: z.uuid() }) })
  const named = security.validate({ body: rules({ name: { type: 'string', required: true } }) })
  later.post(security.open(), byId, named, (request, response) => void response.json(request.valid))
  app.use(security.errorHandler())
}

const shared = shareSite(addRoutes)
const { post } = shared

describe('validate', () => {
  it('gives the handler typed values, and leaves what was sent as it was', async () => {
    const body = { items: [{ name: "O'Brien <1>", price: 2 }] }
    const answer = await post('/orders?page=3', body)
    expect(answer).toMatchObject({ status: 200, json: { total: 2, page: 3, body } })
    expect(answer.json?.valid).toEqual({ body, query: { page: 3 } })
  })

  it('lists every fault of every part with its JSON pointer, before the handler runs', async () => {
    const body = { items: [{ name: 5, price: 'x' }], role: 'admin' }
    const answer = await post('/orders?page=x&pag=1', body)
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'unknown_field', error: 'Unknown field' },
    })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(placesOf(answer)).toEqual([
      '#/query/pag',
      '#/query/page',
      '#/body/role',
      '#/body/items/0/name',
      '#/body/items/0/price',
    ])
  })

  it('refuses a parameter that was sent twice for one', async () => {
    const answer = await post('/orders?page=1&page=2', { items: [] })
    expect([answer.status, placesOf(answer)]).toEqual([400, ['#/query/page']])
    expect((await post('/orders?page[]=1', { items: [] })).status).toBe(400)
    expect((await post('/orders?page=%zz', { items: [] })).json?.code).toBe('malformed_form')
  })

  it('takes forms, whose values are texts until a schema says otherwise', async () => {
    const answer = await post(
      '/router/0198c2f0-0000-7000-8000-000000000000',
      'name=1+%3C+2',
      urlencoded,
    )
    expect(answer.json).toEqual({
      params: { id: '0198c2f0-0000-7000-8000-000000000000' },
      body: { name: '1 < 2' },
    })
    expect(placesOf(await post('/router/x', 'name=a', urlencoded))).toEqual(['#/params/id'])
  })

  it('does not mistake a body of another type, or none, for one', async () => {
    expect(
      placesOf(await post('/orders', '{"items":[]}', { 'content-type': 'text/plain' })),
    ).toEqual(['#/body/items'])
    expect(placesOf(await post('/orders', '', json))).toEqual(['#/body/items'])
  })
})

const long = 'a'.repeat(15_000)
const beyond: readonly [string, string][] = [
  ['text', JSON.stringify({ text: long })],
  ['list', JSON.stringify({ list: Array(2_000).fill(1) })],
  ['number', '{"number":1e200}'],
  ['a.b', '{"a.b":"x"}'],
  ['$set', '{"$set":"x"}'],
]

describe('the default bounds of a body', () => {
  it.each(beyond)('are widened by a schema that names more: %s', async (key, body) => {
    expect(await post('/wide', body)).toMatchObject({
      status: 200,
      json: { keys: [key], same: true },
    })
  })

  it.each(beyond)(
    'hold on a route without a schema, before its handler runs: %s',
    async (_, body) => {
      const answer = await post('/silent', body)
      expect(answer.status).toBe(400)
      expect(answer.json?.code).toMatch(
        /^(string_too_long|array_too_long|unsafe_number|forbidden_key)$/,
      )
    },
  )

  it('let no handler run that did not ask for the body', async () => {
    const ran = async () => (await post('/silent', {})).json?.ran as number
    const before = await ran()
    await post('/silent', { text: long })
    expect(await ran()).toBe(before + 1)
  })

  it.each<[string, string]>([
    [JSON.stringify({ short: long }), 'string_too_long'],
    [JSON.stringify({ text: 'a'.repeat(20_001) }), 'string_too_long'],
    [JSON.stringify({ text: long, list: 5 }), 'invalid_request'],
    [JSON.stringify({ other: { text: long } }), 'string_too_long'],
    ['{"__proto__":{"a":1},"$set":"x"}', 'forbidden_key'],
    ['{"a.b":"x","a.b":"y"}', 'duplicate_key'],
    [`{"$set":"x","text":"\\u0000"}`, 'forbidden_character'],
    [`{"$set":${'['.repeat(40)}${']'.repeat(40)}}`, 'too_deep'],
    ['{"a.b":"x","c.d":"y"}', 'unknown_field'],
  ])('hold where the schema says nothing of them: %#', async (body, code) => {
    expect(await post('/wide', body)).toMatchObject({ status: 400, json: { code } })
  })

  it('are no reason to tell a stranger more than that she is one', async () => {
    const answer = await post('/members/wide', '{"$set":"x"}')
    expect([answer.status, answer.json?.code]).toEqual([401, 'authentication_required'])
  })

  it('are widened for bodies that arrive in pieces as well', async () => {
    const body = JSON.stringify({ text: long })
    const client = await RawClient.open(shared.site.port)
    const head = 'POST /wide HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
    client.send(`${head}Content-Length: ${body.length}\r\n\r\n`)
    client.send(body.slice(0, 9_000))
    client.send(body.slice(9_000))
    expect(await client.answer()).toMatchObject({ status: 200 })
    client.close()
  })
})

describe('the control `validation`', () => {
  it.each(['shadow', 'off'] as const)('in mode %s lets pass what was sent', async (mode) => {
    const other = await openKit({ shield: { validation: mode } })
    const relaxed = await serve(other, addRoutes)
    const init = { method: 'POST', headers: json, body: '{"name":5,"role":"admin"}' }
    const answer = await relaxed.fetch('/router/hunter2', init)
    expect(answer).toMatchObject({
      status: 200,
      json: { params: { id: 'hunter2' }, body: { name: 5, role: 'admin' } },
    })
    const good = { method: 'POST', headers: json, body: '{"items":[{"name":"a","price":1}]}' }
    expect((await relaxed.fetch('/orders?page=2', good)).json).toMatchObject({ total: 1, page: 2 })
    await relaxed.stop()
    await other.close()
  })

  it('in shadow keeps what the schemas made of the parts that fit, and gives nothing else', async () => {
    const other = await openKit({ shield: { validation: 'shadow' } })
    const relaxed = await serve(other, (app, security) => {
      const check = security.validate({
        query: z.object({ page: z.coerce.number() }),
        body: z.object({ name: z.string() }),
      })
      app.post('/mixed', security.open(), check, (request, response) => {
        response.json(check.of(request))
      })
    })
    const send = (page: string, body: string) =>
      relaxed.fetch(`/mixed?page=${page}`, { method: 'POST', headers: json, body })
    expect((await send('2', '{"name":5}')).json).toEqual({ query: { page: 2 }, body: { name: 5 } })
    expect((await send('x', '{"name":"a"}')).json).toEqual({
      query: { page: 'x' },
      body: { name: 'a' },
    })
    await relaxed.stop()
    await other.close()
  })

  it('needs nothing else mounted', async () => {
    const { default: express } = await import('express')
    const { listen } = await import('../../../test/adapters/site.ts')
    const bare = await createTestSecurity<ExpressSecurity>({}, createSecurity)
    const app = express()
    app.use(express.json())
    addRoutes(app, bare.security)
    const alone = await listen(app)
    const send = (body: string) => alone.fetch('/bare', { method: 'POST', headers: json, body })
    const check = bare.security.validate({ body: z.object({ a: z.string() }) })
    app.post('/bare', check, (request, response) => void response.json(check.of(request)))
    app.use(bare.security.errorHandler())
    expect((await send('{"a":"x"}')).json).toEqual({ body: { a: 'x' } })
    expect(await send('{"a":5}')).toMatchObject({ status: 400, json: { code: 'invalid_request' } })
    expect(await send('{"a":"\\u0000"}')).toMatchObject({
      status: 400,
      json: { code: 'forbidden_character' },
    })
    await alone.stop()
    await bare.close()
  })
})

it('what a check made is asked behind it alone', () => {
  const check = shared.kit.security.validate({ body: z.object({}) })
  expect(() => check.of({})).toThrowError(expect.objectContaining({ code: 'schema_invalid' }))
})
