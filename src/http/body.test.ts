import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { systemClock } from '../ports/index.ts'
import { bodyKind, declaredLength, parseBody, readBody } from './body.ts'
import { defaultFormBounds } from './form.ts'
import { defaultJsonBounds } from './json.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const options = (clock = new ManualClock()) => ({ limit: 10, timeoutMs: 5_000, clock })

describe('reading a body', () => {
  it('gives all bytes, however they were cut', async () => {
    for (const cut of [['hello'], ['he', 'llo'], ['h', 'e', 'l', 'l', 'o'], []]) {
      const body = await readBody(Readable.from(cut.map(bytes)), options())
      expect(Buffer.from(body).toString()).toBe(cut.join(''))
    }
  })

  it('takes any async iterable', async () => {
    async function* parts() {
      yield bytes('he')
      yield bytes('llo')
    }
    expect(Buffer.from(await readBody(parts(), options())).toString()).toBe('hello')
  })

  it('takes exactly the limit and refuses one byte more', async () => {
    expect((await readBody(Readable.from([bytes('0123456789')]), options())).byteLength).toBe(10)
    const one = readBody(Readable.from([bytes('01234567890')]), options())
    await expect(one).rejects.toMatchObject({ code: 'body_too_large', status: 413 })
    const two = readBody(Readable.from([bytes('012345'), bytes('67890')]), options())
    await expect(two).rejects.toMatchObject({ code: 'body_too_large', status: 413 })
  })

  it('refuses an announced length before reading a byte', async () => {
    const stream = new PassThrough()
    const read = readBody(stream, { ...options(), declaredLength: 11 })
    await expect(read).rejects.toMatchObject({ code: 'body_too_large' })
    expect(stream.listenerCount('data')).toBe(0)
  })

  it('refuses a body that does not end in time, however it trickles', async () => {
    const clock = new ManualClock()
    const stream = new PassThrough()
    const read = expect(readBody(stream, options(clock))).rejects.toMatchObject({
      code: 'body_timeout',
      status: 408,
    })
    for (let sent = 0; sent < 9; sent += 1) {
      stream.write('x')
      await clock.advance(600)
    }
    await read
    expect(clock.pending).toBe(0)
  })

  it('refuses a body whose sender goes away, also before reading began', async () => {
    for (const end of [undefined, new Error('reset')]) {
      const stream = new PassThrough()
      const read = readBody(stream, options())
      stream.write('x')
      stream.destroy(end)
      await expect(read).rejects.toMatchObject({ code: 'body_incomplete', status: 400 })
      await expect(readBody(stream, options())).rejects.toMatchObject({ code: 'body_incomplete' })
    }
  })

  it('leaves no timer and no listener behind', async () => {
    const clock = new ManualClock()
    const stream = Readable.from([bytes('x')])
    await readBody(stream, options(clock))
    expect(clock.pending).toBe(0)
    expect(stream.listenerCount('data') + stream.listenerCount('end')).toBe(0)
  })

  it('a client that sends too much still gets to read its 413', async () => {
    const server = createServer((req, res) => {
      const limits = { limit: 1_000, timeoutMs: 10_000, clock: systemClock }
      readBody(req, limits).then(
        () => res.end('taken'),
        (error) => res.writeHead(error.status, error.extras.headers).end(error.code),
      )
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const client = request({ port, host: '127.0.0.1', method: 'POST' })
    for (let sent = 0; sent < 50; sent += 1) client.write(Buffer.alloc(10_000))
    client.end()
    const [answer] = await once(client, 'response')
    expect(answer.statusCode).toBe(413)
    expect(answer.headers.connection).toBe('close')
    expect(Buffer.concat(await answer.toArray()).toString()).toBe('body_too_large')
    server.close()
    await once(server, 'close')
  })

  it('Content-Length counts only when it is plain digits', () => {
    const length = (text: string) => declaredLength({ 'content-length': text })
    expect(length('12')).toBe(12)
    expect(['', '-1', '1e9', '0x10', '1.5', ' 1', '1, 1', '9'.repeat(20)].map(length)).toEqual(
      Array(8).fill(undefined),
    )
    expect(declaredLength({})).toBeUndefined()
  })
})

describe('the kind of a body', () => {
  const kind = (type: string | undefined, encoding?: string) =>
    bodyKind(
      { 'content-type': type, ...(encoding === undefined ? {} : { 'content-encoding': encoding }) },
      ['json', 'form'],
    )

  it.each([
    ['application/json', 'json'],
    ['Application/JSON', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/json;charset=UTF8', 'json'],
    ['application/json; charset="utf-8"', 'json'],
    ['application/json; profile=x', 'json'],
    ['application/x-www-form-urlencoded', 'form'],
  ])('%s is %s', (type, expected) => {
    expect(kind(type)).toBe(expected)
  })

  it.each([
    ...[undefined, '', 'text/plain', 'text/json', 'application/jsonx', 'application/x-json'],
    ...[
      'application/json; charset=utf-16',
      'application/json; charset=latin1',
      'application/json,x',
    ],
    ...[
      'application/json; charset=utf-8; charset=utf-7',
      'multipart/form-data; boundary=x',
      'json',
    ],
    ...['application/json; charset', 'text/plain; application/json', 'application/ json'],
  ])('%j is refused with 415', (type) => {
    expect(() => kind(type)).toThrow(
      expect.objectContaining({ code: 'unsupported_media_type', status: 415 }),
    )
  })

  it.each(['gzip', 'br', 'deflate', 'identity, gzip', 'x', ''])(
    'content encoding %j is refused with 415',
    (encoding) => {
      expect(() => kind('application/json', encoding)).toThrow(
        expect.objectContaining({ code: 'unsupported_media_type' }),
      )
    },
  )

  it('content encoding identity is none', () => {
    expect(kind('application/json', 'Identity')).toBe('json')
  })

  it('a route that takes JSON alone refuses what a form of a foreign page can send', () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      expect(() => bodyKind({ 'content-type': type }, ['json'])).toThrow(
        expect.objectContaining({
          extras: expect.objectContaining({ members: { accepts: ['application/json'] } }),
        }),
      )
    }
  })
})

describe('parsing a body', () => {
  const settings = {
    accepts: ['json', 'form'],
    json: defaultJsonBounds,
    form: defaultFormBounds,
  } as const
  const json = { 'content-type': 'application/json' }

  it('gives its value, and undefined for an empty one', () => {
    expect(parseBody(bytes('{"a":1}'), json, settings)).toEqual({ a: 1 })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(parseBody(bytes('a=1&a=2'), form, settings)).toEqual({ a: ['1', '2'] })
    expect(parseBody(new Uint8Array(), {}, settings)).toBeUndefined()
  })

  it('says by a pointer where a fault is', () => {
    expect(() => parseBody(bytes('{"a":{"b":1,"b":2}}'), json, settings)).toThrow(
      expect.objectContaining({
        code: 'duplicate_key',
        status: 400,
        extras: { faults: [expect.objectContaining({ pointer: '#/body/a/b' })] },
      }),
    )
  })
})
