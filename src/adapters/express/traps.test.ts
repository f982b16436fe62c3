import { createServer } from 'node:http'
import express from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
} from '../../../test/adapters/site.ts'

const bench = openBench()
const { entered, open, protectedSite, secret } = bench
let kit: Kit
let manager: Person
beforeAll(() => {
  kit = bench.kit
  manager = bench.manager
})

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
    entered.length = 0
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
