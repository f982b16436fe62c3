import { createServer } from 'node:http'
import express, { type Express, type RequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'

let kit: Kit
let manager: Person
const stops: (() => Promise<void>)[] = []
let entered: string[] = []

beforeAll(async () => {
  kit = await openKit()
  manager = await kit.person('manager')
})

afterAll(() => kit.close())

beforeEach(() => {
  entered = []
  kit.log.length = 0
})

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A handler that must only ever be entered by somebody who is known. */
const secret: RequestHandler = (request, response) => {
  entered.push(request.auth?.userId ?? 'nobody')
  response.json({ secret: true })
}

async function open(target: Listening | Promise<Listening>): Promise<Listening> {
  const site = await target
  stops.push(site.stop)
  return site
}

const protectedSite = (build: (app: Express) => void) => open(serve(kit, build))
const raw = (site: Listening, line: string, headers = '') =>
  site.raw(`${line} HTTP/1.1\r\nHost: localhost:3000\r\n${headers}\r\n`)
const bearer = () => `Authorization: ${manager.bearer.authorization}\r\n`

describe('a guarded route', () => {
  const spellings = [
    'GET /Orders/Seven',
    'GET /ORDERS/SEVEN/',
    'GET /orders/seven/',
    'GET /orders//seven',
    'GET //orders/seven',
    'GET /./orders/seven',
    'GET /orders/./seven',
    'GET /orders/x/../seven',
    'GET /orders%2fseven',
    'GET /orders%2Fseven',
    'GET /%6Frders/seven',
    'GET /orders;a/seven',
    'GET /orders/seven;a=b',
    'GET /orders/seven.',
    'GET /orders/seven%00',
    'GET /orders/seven%20',
    'GET /orders\\seven',
    'GET /orders/seven?x=/../..',
    'GET /orders/seven#x',
    'GET http://evil.example/orders/seven',
    'GET https://localhost:3000/orders/seven',
    'GET HTTP://evil.example/ORDERS/seven',
    'GET http://evil.example//orders/seven',
    'HEAD /orders/seven',
    'OPTIONS /orders/seven',
    'OPTIONS *',
    'POST /orders/seven',
    'QUERY /orders/seven',
    'TRACE /orders/seven',
    'PROPFIND /orders/seven',
  ]

  it.each(spellings)('is never entered by a stranger who writes %s', async (line) => {
    const site = await protectedSite((app) => {
      app.get('/orders/seven', kit.security.guard('read:orders'), secret)
      app.all('/orders/*rest', kit.security.guard('read:orders'), secret)
      app.get('/:any', kit.security.guard('read:orders'), secret)
    })
    const answer = await raw(site, line)
    expect(entered).toEqual([])
    expect([200, 400, 401, 404, 405]).toContain(answer?.status)
    expect(answer?.body).not.toContain('secret')
    if (answer?.status === 200) expect(line).toMatch(/^OPTIONS/)
  })

  it.each(['GET /Orders/', 'GET http://evil.example/orders', 'GET /orders/?a#', 'HEAD /orders'])(
    'asks for the permission in every spelling that reaches it: %s',
    async (line) => {
      const site = await protectedSite((app) => {
        app.get('/orders', kit.security.guard('read:orders'), secret)
      })
      const target = line.replace('#', '')
      expect((await raw(site, target))?.status).toBe(401)
      expect((await raw(site, target, bearer()))?.status).toBe(200)
      expect(entered).toEqual([manager.userId])
    },
  )

  it('refuses when Holdfast is not mounted before it', async () => {
    const app = express()
    app.get('/orders', kit.security.guard('read:orders'), secret)
    const site = await open(listen(app))
    const answer = await site.fetch('/orders', { headers: manager.bearer })
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } })
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(entered).toEqual([])
  })

  it('of another security is not opened by ours', async () => {
    const other = await openKit()
    const site = await protectedSite((app) => {
      app.get('/orders', other.security.guard('read:orders'), secret)
    })
    expect((await site.fetch('/orders', { headers: manager.bearer })).status).toBe(503)
    await other.close()
  })
})

describe('an app that is mounted', () => {
  it('and protected is guarded below a parent that is not', async () => {
    const child = kit.security.protect(express())
    child.get('/orders', kit.security.guard('read:orders'), secret)
    const parent = express()
    parent.use('/shop', child)
    const site = await open(listen(parent))
    expect((await site.fetch('/shop/orders')).status).toBe(401)
    expect((await site.fetch('/shop/orders', { headers: manager.bearer })).status).toBe(200)
    expect(entered).toEqual([manager.userId])
  })

  it('and protected passes the guard once below a parent that is protected too', async () => {
    const child = kit.security.protect(express())
    child.get('/orders', kit.security.guard('read:orders'), secret)
    const site = await protectedSite((parent) => {
      parent.use('/shop', child)
    })
    const answer = await site.fetch('/shop/orders', { headers: manager.bearer })
    const next = await site.fetch('/shop/orders', { headers: manager.bearer })
    const left = (one: typeof answer) =>
      Number(/r=(\d+)/.exec(one.headers.get('ratelimit') ?? '')?.[1])
    expect(answer.status).toBe(200)
    expect(left(answer) - left(next)).toBe(1)
  })

  it('into a protected one is guarded, and tells no framework', async () => {
    const child = express()
    child.get('/orders', kit.security.guard('read:orders'), secret)
    child.get('/bare', secret)
    const grandchild = express()
    grandchild.get('/bare', secret)
    const site = await protectedSite((parent) => {
      parent.use('/shop', child)
      child.use('/deep', grandchild)
    })
    expect((await site.fetch('/shop/orders')).status).toBe(401)
    const answer = await site.fetch('/shop/orders', { headers: manager.bearer })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-powered-by')).toBeNull()
    expect((await site.fetch('/shop/bare')).json).toMatchObject({ code: 'route_without_policy' })
    expect((await site.fetch('/shop/deep/bare')).json).toMatchObject({
      code: 'route_without_policy',
    })
    expect(entered).toEqual([manager.userId])
  })

  it('before protect() could look is closed, since nobody can see its routes', async () => {
    const app = express()
    const child = express()
    child.get('/orders', secret)
    app.use(child)
    const site = await open(listen(kit.security.protect(app)))
    expect((await site.fetch('/orders')).json).toMatchObject({ code: 'route_without_policy' })
    expect(entered).toEqual([])
  })

  it('by a router keeps its policies as well', async () => {
    const router = express.Router()
    const child = express()
    child.get('/bare', secret)
    router.use('/child', child)
    const site = await protectedSite((app) => {
      app.use('/a', router)
    })
    expect((await site.fetch('/a/child/bare')).json).toMatchObject({ code: 'route_without_policy' })
  })
})

describe('nothing runs before the guard', () => {
  it('whatever was mounted before protect()', async () => {
    const app = express()
    app.use((_request, _response, next) => {
      entered.push('early')
      next()
    })
    const site = await open(listen(kit.security.protect(app)))
    const answer = await site.fetch('/x', {
      headers: { authorization: 'Bearer x' },
      method: 'POST',
    })
    expect(answer.status).toBe(404)
    entered = []
    await raw(site, 'GET /x#y')
    expect(entered).toEqual([])
  })

  it.each(['app.listen', 'createServer(app)'])('with %s', async (how) => {
    const app = kit.security.protect(express())
    app.get('/orders', kit.security.guard('read:orders'), secret)
    const site = await open(
      listen(how === 'app.listen' ? app.listen(0, '127.0.0.1') : createServer(app)),
    )
    expect((await site.fetch('/orders')).status).toBe(401)
    expect((await site.fetch('/orders', { headers: manager.bearer })).status).toBe(200)
  })
})

describe('req.ip', () => {
  const cases: readonly [readonly string[], string, string][] = [
    [[], '203.0.113.9', '127.0.0.1'],
    [['127.0.0.1'], '203.0.113.9', '203.0.113.9'],
    [['127.0.0.1'], '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    [['127.0.0.1'], '203.0.113.9, garbage', '127.0.0.1'],
    [['127.0.0.1'], '[2001:db8::1]:4711', '2001:db8::1'],
    [['127.0.0.1'], '::ffff:203.0.113.9', '203.0.113.9'],
    [['127.0.0.1', '203.0.113.0/24'], '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  ]

  it.each(cases)(
    'is the address that is counted: trusting %j, told %j, it is %s',
    async (trustedProxies, told, ip) => {
      const own = await openKit({ trustedProxies })
      const middleware = express()
      middleware.use(own.security.middleware())
      const answer: RequestHandler = (request, response) => {
        response.json({ ip: request.ip, first: request.ips[0] ?? null })
      }
      middleware.get('/ip', own.security.open(), answer)
      const sites = [
        await serve(own, (app) => void app.get('/ip', own.security.open(), answer)),
        await listen(middleware),
      ]
      for (const site of sites) {
        const { json } = await site.fetch('/ip', { headers: { 'x-forwarded-for': told } })
        expect(json?.ip).toBe(ip)
        await site.stop()
      }
      await own.close()
    },
  )
})

describe('a connection', () => {
  it('serves the next request after a refusal whose body nobody read', async () => {
    const site = await protectedSite((app) => {
      app.post('/upload', kit.security.guard('write:tasks'), secret)
      app.get('/open', kit.security.open(), (_request, response) => void response.send('ok'))
    })
    const client = await RawClient.open(site.port)
    const body = 'GET /open HTTP/1.1\r\nHost: x\r\n\r\n'
    client.send(
      `POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(await client.answer()).toMatchObject({ status: 401 })
    client.send('GET /open HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await client.answer()).toMatchObject({ status: 200, body: 'ok' })
    client.close()
  })

  it('ends with the answer when a body is too large to be read', async () => {
    const site = await protectedSite((app) => {
      app.post('/tasks', kit.security.guard('write:tasks'), secret)
    })
    const client = await RawClient.open(site.port)
    client.send(
      'POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{',
    )
    expect(await client.answer()).toMatchObject({ status: 413, headers: { connection: 'close' } })
    client.close()
  })

  it.each(['upgrade(createServer(app))', 'app.listen'])(
    'is not told to continue before the guard has spoken: %s',
    async (how) => {
      const app = kit.security.protect(express())
      app.post('/tasks', kit.security.guard('write:tasks'), (request, response) => {
        response.json({ got: request.body })
      })
      const server =
        how === 'app.listen' ? app.listen(0, '127.0.0.1') : kit.security.upgrade(createServer(app))
      const bypass: string[] = []
      server.on('checkContinue', () => bypass.push('bypassed'))
      server.on('checkExpectation', () => bypass.push('bypassed'))
      const site = await open(listen(server))
      const head = (expect: string, more = '') =>
        `POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nExpect: ${expect}\r\n${more}\r\n`

      const stranger = await RawClient.open(site.port)
      stranger.send(head('100-continue'))
      expect(await stranger.answer()).toMatchObject({
        status: 401,
        headers: { connection: 'close' },
      })
      await stranger.closed()

      const odd = await RawClient.open(site.port)
      odd.send(head('tea'))
      expect(await odd.answer()).toMatchObject({ status: 417 })
      odd.close()

      const known = await RawClient.open(site.port)
      known.send(head('100-continue', bearer()).replace('text/plain', 'application/json'))
      expect(await known.answer()).toMatchObject({ status: 100 })
      known.send('{}')
      expect(await known.answer()).toMatchObject({ status: 200, body: '{"got":{}}' })
      known.send('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await known.answer()).toMatchObject({ status: 404 })
      known.close()
      expect(bypass).toEqual([])
    },
  )

  it('of a server with listeners that no guard stands before is told of once', async () => {
    const server = createServer(kit.security.protect(express()))
    server.on('upgrade', (_request, socket) => socket.destroy())
    const site = await open(listen(server))
    await site.fetch('/x')
    await site.fetch('/x')
    const told = kit.log.filter(({ message }) => message.includes('no guard stands before'))
    expect(told).toMatchObject([{ level: 'error', fields: { events: ['upgrade'] } }])
  })
})
