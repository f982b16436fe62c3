import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
} from '../../../test/adapters/site.ts'
import { type GuardedListener, listener } from './index.ts'

let kit: Kit
let manager: Person
const stops: (() => Promise<void>)[] = []

beforeAll(async () => {
  kit = await openKit()
  manager = await kit.person('manager')
})

afterAll(() => kit.close())

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(handler?: GuardedListener): Promise<Listening> {
  const site = await listen(listener(kit.security, handler))
  stops.push(site.stop)
  return site
}

describe('a listener', () => {
  it('without a handler answers our own API and 404 for the rest', async () => {
    const site = await open()
    expect((await site.fetch('/healthz')).status).toBe(200)
    expect((await site.fetch('/x')).json).toMatchObject({ code: 'not_found' })
  })

  it.each<[string, GuardedListener]>([
    ['throws', () => raise()],
    ['rejects', async () => raise()],
    ['rejects with nothing', () => Promise.reject(undefined)],
  ])('that %s before it has answered ends in a problem', async (_title, handler) => {
    const site = await open(handler)
    const answer = await site.fetch('/x')
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal_error' } })
    expect(answer.text).not.toContain('deliberate')
  })

  it('that throws in the middle of its answer ends the connection, and serves the next', async () => {
    let half = true
    const site = await open((_request, response) => {
      if (!half) return void response.end('ok')
      half = false
      response.write('half')
      raise()
    })
    await expect(site.fetch('/x')).rejects.toThrow()
    expect((await site.fetch('/x')).text).toBe('ok')
  })

  it('asks a form with a session cookie for its token where no browser spoke, and hands it on', async () => {
    const bodies: unknown[] = []
    const site = await open(async (_request, response, guarded) => {
      bodies.push(await guarded.body())
      response.end('ok')
    })
    const me = await site.fetch('/auth/me', { headers: manager.cookie })
    const headers = { ...manager.cookie, 'content-type': 'application/x-www-form-urlencoded' }
    const post = (fields: Record<string, string>) =>
      site.fetch('/x', { method: 'POST', headers, body: new URLSearchParams(fields).toString() })
    expect(await post({ a: '1' })).toMatchObject({ status: 403, json: { code: 'csrf_refused' } })
    expect(await post({ _csrf: 'x' })).toMatchObject({ status: 403 })
    expect(bodies).toEqual([])
    const _csrf = String(me.json?.csrfToken)
    expect(await post({ _csrf, a: '1' })).toMatchObject({ status: 200 })
    expect(bodies).toEqual([{ _csrf, a: '1' }])
  })

  it('reads bodies strictly when asked, and leaves others on the stream', async () => {
    const site = await open(async (request, response, guarded) => {
      if (guarded.exchange.path === '/stream') {
        let bytes = 0
        for await (const chunk of request) bytes += chunk.length
        return void response.end(String(bytes))
      }
      response.end(JSON.stringify((await guarded.body()) ?? null))
    })
    const post = (path: string, body: string, type = 'application/json') =>
      site.fetch(path, { method: 'POST', headers: { 'content-type': type }, body })
    expect((await post('/x', '{"a":1}')).text).toBe('{"a":1}')
    expect((await post('/x', '{"a":1,"a":2}')).json).toMatchObject({ code: 'duplicate_key' })
    expect((await post('/x', 'x', 'text/plain')).json).toMatchObject({
      code: 'unsupported_media_type',
    })
    expect((await site.fetch('/x', { method: 'DELETE' })).text).toBe('null')
    expect((await post('/stream', 'x'.repeat(9_000), 'text/plain')).text).toBe('9000')
  })
})

describe('over HTTP/2', () => {
  let session: ClientHttp2Session

  async function ask(headers: Record<string, string>, body = '') {
    const stream = session.request({ ':path': '/x', ...headers })
    if (body !== '') stream.end(body)
    const [answer] = await once(stream, 'response')
    let text = ''
    stream.setEncoding('utf8')
    for await (const chunk of stream) text += chunk
    return { answer, text }
  }

  it('guards, refuses, sets every cookie and reads bodies', async () => {
    const handler = listener(kit.security, async (_request, response, guarded) => {
      guarded.require('read:orders')
      response.end(JSON.stringify((await guarded.body()) ?? null))
    })
    const server = createHttp2(handler as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    stops.push(async () => {
      session.close()
      await new Promise((resolve) => server.close(resolve))
    })
    const refused = await ask({})
    expect(refused.answer).toMatchObject({ ':status': 401, 'x-frame-options': 'DENY' })
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'authentication_required' })
    const json = { 'content-type': 'application/json' }
    const post = { ':method': 'POST', ...manager.bearer, ...json }
    expect(await ask(post, '{"a":1}')).toMatchObject({
      answer: { ':status': 200 },
      text: '{"a":1}',
    })
    const large = await ask({ ...post, ':path': '/auth/refresh', 'content-length': '9000000' })
    expect(large.answer[':status']).toBe(413)
    const login = { identifier: manager.email, password: 'correct horse battery staple 42' }
    const signedIn = await ask(
      { ':method': 'POST', ':path': '/auth/login', ...json },
      JSON.stringify(login),
    )
    expect(signedIn.answer[':status']).toBe(200)
    expect(signedIn.answer['set-cookie'].length).toBeGreaterThan(1)
  })
})

function raise(): never {
  throw new Error('deliberate')
}
