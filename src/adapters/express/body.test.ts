import { readFileSync } from 'node:fs'
import express, { type Express, type RequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import { type Kit, type Listening, listen, openKit } from '../../../test/adapters/site.ts'
import type { ExpressSecurity } from './index.ts'

const naughty: readonly string[] = JSON.parse(
  readFileSync(new URL('../../../test/vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
)
const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

let kit: Kit
const sites: Record<string, Listening> = {}

beforeAll(async () => {
  kit = await openKit({ body: { json: '20kb', form: '5kb' } })
  const { security } = kit
  const after = security.protect(express())
  after.use(express.json(), express.urlencoded())
  addRoutes(after, security)
  const before = express()
  before.use(express.json(), express.urlencoded(), security.middleware())
  addRoutes(before, security)
  const plain = security.protect(express())
  addRoutes(plain, security)
  sites.plain = await listen(plain)
  sites.after = await listen(after)
  sites.before = await listen(before)
})

afterAll(async () => {
  for (const site of Object.values(sites)) await site.stop()
  await kit.close()
})

function addRoutes(app: Express, security: ExpressSecurity): void {
  const echo: RequestHandler = (request, response) => {
    const raw = request.rawBody?.toString('base64') ?? null
    response.json({ body: request.body ?? null, raw, ended: request.readableEnded })
  }
  const measure: RequestHandler = (request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => void response.json({ bytes }))
  }
  app.all('/echo', security.open(), echo)
  app.post('/upload', security.open(), measure)
  app.use(security.errorHandler())
}

async function send(body: string | Uint8Array, headers: Record<string, string>, mode = 'after') {
  const init = { method: 'POST', headers, body: body as never }
  const answer = await sites[mode]?.fetch('/echo', init)
  const { body: got, code, raw } = answer?.json ?? {}
  return { status: answer?.status, code, body: got, raw }
}

describe('a body that the app gets', () => {
  it('is what was sent, byte for byte, with legal text untouched', async () => {
    const texts = [
      ...naughty,
      "O'Brien",
      '1 < 2',
      '--',
      'executive',
      '<b>&amp;</b>',
      'DROP TABLE x; --',
      '𝄞',
    ]
    for (const text of texts) {
      if (!text.isWellFormed() || text.includes('\0')) continue
      const bytes = Buffer.from(JSON.stringify({ text }))
      const answer = await send(bytes, json)
      expect(answer).toMatchObject({ status: 200, body: { text } })
      expect(answer.raw).toBe(bytes.toString('base64'))
      const fields = new URLSearchParams({ text }).toString()
      expect(await send(fields, form)).toMatchObject({ status: 200, body: { text } })
    }
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['{"a":', json, 400, 'malformed_json'],
    ['\u{feff}{}', json, 400, 'malformed_json'],
    ['{"a":1,"a":2}', json, 400, 'duplicate_key'],
    ['{"a":{"__proto__":{"admin":true}}}', json, 400, 'forbidden_key'],
    ['{"constructor":{"prototype":{}}}', json, 400, 'forbidden_key'],
    ['{"$where":"1"}', json, 400, 'forbidden_key'],
    ['{"a.b":1}', json, 400, 'forbidden_key'],
    ['{"a":"x\\u0000"}', json, 400, 'forbidden_character'],
    ['{"a":"\\ud800"}', json, 400, 'forbidden_character'],
    ['['.repeat(60) + ']'.repeat(60), json, 400, 'too_deep'],
    [`{"a":9007199254740993}`, json, 400, 'unsafe_number'],
    [JSON.stringify('a'.repeat(10_001)), json, 400, 'string_too_long'],
    [JSON.stringify('a'.repeat(30_000)), json, 413, 'body_too_large'],
    [`a=${'b'.repeat(6_000)}`, form, 413, 'body_too_large'],
    ['a=%zz', form, 400, 'malformed_form'],
    ['a=%00', form, 400, 'forbidden_character'],
    ['__proto__=1', form, 400, 'forbidden_key'],
    ['a.b=1', form, 400, 'forbidden_key'],
    ['{}', { 'content-type': 'application/json; charset=latin1' }, 415, 'unsupported_media_type'],
    ['{}', { ...json, 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
  ])('is never %s', async (body, headers, status, code) => {
    expect(await send(body, headers)).toMatchObject({ status, code })
  })

  it('is nothing where nothing was sent', async () => {
    expect(await send('', json, 'plain')).toMatchObject({ status: 200, body: null })
    const bodyless = await sites.plain?.fetch('/echo', { method: 'DELETE', headers: json })
    expect(bodyless?.json).toEqual({ body: null, raw: null, ended: false })
  })

  it('is read strictly from a GET as well', async () => {
    const head =
      'GET /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: '
    const good = await sites.after?.raw(`${head}7\r\n\r\n{"a":1}`)
    expect(good).toMatchObject({ status: 200, body: expect.stringContaining('{"body":{"a":1}') })
    const bad = await sites.after?.raw(`${head}13\r\n\r\n{"a":1,"a":2}`)
    expect(bad).toMatchObject({ status: 400 })
  })

  it('arrives in chunks of any size', async () => {
    const client = await RawClient.open(sites.after?.port ?? 0)
    client.send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (const char of '{"a":"é"}') {
      const bytes = Buffer.from(char)
      client.send(
        Buffer.concat([
          Buffer.from(`${bytes.length.toString(16)}\r\n`),
          bytes,
          Buffer.from('\r\n'),
        ]),
      )
    }
    client.send('0\r\n\r\n')
    const answer = await client.answer()
    expect(JSON.parse(Buffer.from(answer?.body ?? '', 'latin1').toString())).toMatchObject({
      body: { a: 'é' },
    })
    client.close()
  })

  it('is given up after its time with 408, and the connection ends', async () => {
    const client = await RawClient.open(sites.after?.port ?? 0)
    client.send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
    )
    const waiting = kit.clock.waiting
    while (kit.clock.waiting === waiting) await new Promise((resolve) => setImmediate(resolve))
    kit.clock.advance(kit.security.config.body.timeoutMs + 1)
    await kit.security.parts.ground.revocations.poll()
    const answer = await client.answer()
    expect(answer).toMatchObject({ status: 408, headers: { connection: 'close' } })
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'body_timeout' })
    client.close()
  })

  it('that ends too early reaches no handler and hurts nobody', async () => {
    const client = await RawClient.open(sites.after?.port ?? 0)
    client.send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{',
    )
    client.close()
    expect(await send('{}', json)).toMatchObject({ status: 200 })
  })
})

describe('a body of another type', () => {
  it.each([
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'image/png',
  ])('stays a stream of the app: %s', async (type) => {
    const bytes = Buffer.alloc(300_000, 'a')
    const init = { method: 'POST', headers: { 'content-type': type }, body: bytes as never }
    expect((await sites.after?.fetch('/upload', init))?.json).toEqual({ bytes: 300_000 })
  })
})

describe('parsers of the app', () => {
  it('before us are tolerated, and what they read is taken for the body', async () => {
    expect(await send('{"a":"1 < 2"}', json, 'before')).toMatchObject({
      status: 200,
      body: { a: '1 < 2' },
    })
    expect(await send('a=1&b=2', form, 'before')).toMatchObject({
      status: 200,
      body: { a: '1', b: '2' },
    })
  })

  it.each<[string, Record<string, string>, string]>([
    ['{"$a":1}', json, 'forbidden_key'],
    ['{"a.b":1}', json, 'forbidden_key'],
    ['[{"a":[{"$gt":""}]}]', json, 'forbidden_key'],
    ['{"a":{"__proto__":1}}', json, 'forbidden_key'],
    ['{"__proto__":{"admin":true}}', json, 'forbidden_key'],
    ['{"constructor":{"prototype":{}}}', json, 'forbidden_key'],
    ['{"a":"x\\u0000"}', json, 'forbidden_character'],
    ['{"\\ud800":1}', json, 'forbidden_character'],
    ['['.repeat(33) + ']'.repeat(33), json, 'too_deep'],
    ['{"a":9007199254740993}', json, 'unsafe_number'],
    [JSON.stringify({ a: 'a'.repeat(10_001) }), json, 'string_too_long'],
    [JSON.stringify(Array(1_001).fill(1)), json, 'array_too_long'],
    ['a.b=1', form, 'forbidden_key'],
    ['%24a=1', form, 'forbidden_key'],
    ['a=%00', form, 'forbidden_character'],
  ])('before us or behind us let no %s pass', async (body, headers, code) => {
    for (const mode of ['before', 'after']) {
      expect(await send(body, headers, mode), mode).toMatchObject({ status: 400, code })
    }
  })

  it('before us let pass what our own reader takes', async () => {
    const body = JSON.stringify({
      ...{
        constructor: { name: '1 < 2' },
        prototype: null,
        text: '$a.b',
        list: Array(1_000).fill(0),
      },
      deep: JSON.parse('['.repeat(31) + ']'.repeat(31)),
      most: Number.MAX_SAFE_INTEGER,
    })
    for (const mode of ['before', 'after']) {
      expect(await send(body, json, mode)).toMatchObject({ status: 200, body: JSON.parse(body) })
    }
  })

  it('before us do not stop our own API from reading', async () => {
    const login = { identifier: 'nobody@example.com', password: 'wrong horse battery staple' }
    const init = { method: 'POST', headers: json, body: JSON.stringify(login) }
    for (const mode of ['before', 'after']) {
      const answer = await sites[mode]?.fetch('/auth/login', init)
      expect(answer?.json).toMatchObject({ code: 'invalid_credentials' })
      const empty = await sites[mode]?.fetch('/auth/login', { method: 'POST', headers: json })
      expect(empty?.status).toBe(400)
    }
  })

  it('that refuse a body are answered without their text', async () => {
    const answer = await send('{"a":', json, 'before')
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(JSON.stringify(answer)).not.toMatch(/Unexpected|JSON at/)
  })
})
