import express, { type Express, type RequestHandler } from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { codes, openBench } from '../../../test/adapters/bench.ts'
import { type Kit, listen, type Person } from '../../../test/adapters/site.ts'
import type { ExpressSecurity } from './index.ts'

const bench = openBench()
const { entered, open, protectedSite, secret } = bench
let kit: Kit
let manager: Person
let security: ExpressSecurity
beforeAll(() => {
  kit = bench.kit
  manager = bench.manager
  security = bench.kit.security
})

const passOn: RequestHandler = (_request, _response, next) => next()

const bare = 'route_without_policy'

describe('a route that states no policy answers 503', () => {
  it.each<[string, (app: Express) => void, readonly string[]]>([
    ['plain', (app) => void app.get('/x', secret), ['GET /x', 'HEAD /x'].slice(0, 1)],
    ['of several paths', (app) => void app.get(['/x', '/y'], secret), ['GET /x', 'GET /y']],
    ['of a regular expression', (app) => void app.get(/^\/x\d+$/, secret), ['GET /x7']],
    ['of a wildcard', (app) => void app.get('/x/*rest', secret), ['GET /x/a/b']],
    ['for all methods', (app) => void app.all('/x', secret), ['GET /x', 'PATCH /x', 'DELETE /x']],
    ['by route().all', (app) => void app.route('/x').all(secret), ['GET /x', 'PUT /x']],
    [
      'beside one that does',
      (app) => void app.route('/x').get(security.open(), passOn).post(secret),
      ['POST /x'],
    ],
    [
      'with a guard behind its handler',
      (app) => void app.get('/x', passOn, security.open(), secret),
      ['GET /x'],
    ],
    [
      'with a guard for all methods behind its handler',
      (app) => void app.route('/x').get(secret).all(security.authenticate),
      ['GET /x'],
    ],
    ['in a router', (app) => void app.use('/a', express.Router().get('/x', secret)), ['GET /a/x']],
    [
      'in a router in a router',
      (app) => void app.use('/a', express.Router().use('/b', express.Router().get('/x', secret))),
      ['GET /a/b/x'],
    ],
    [
      'before the guard of its router',
      (app) => void app.use('/a', express.Router().get('/x', secret).use(security.authenticate)),
      ['GET /a/x'],
    ],
    [
      'behind a guard of another path',
      (app) => void app.use('/a', security.authenticate).get('/ab', secret),
      ['GET /ab'],
    ],
    [
      'behind a guard that is only a route',
      (app) => void app.get('/a', security.authenticate).get('/a', secret),
      ['GET /a'],
    ],
    [
      'behind middleware that is open for itself',
      (app) => void app.use(security.open(passOn)).get('/x', secret),
      ['GET /x'],
    ],
    ['middleware with a path', (app) => void app.use('/x', secret), ['GET /x', 'GET /x/y']],
    [
      'behind a guard inside another function',
      (app) => void app.get('/x', (...values) => security.open()(...values), secret),
      ['GET /x'],
    ],
  ])('%s', async (_title, build, requests) => {
    const site = await protectedSite(build)
    expect(await codes(site, requests, manager)).toEqual(requests.map(() => bare))
    expect(entered).toEqual([])
    const told = kit.log.filter(({ message }) => message.includes('states no policy'))
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]?.fields).toMatchObject({ fix: expect.stringMatching(/guard|move it first/) })
  })
})

describe('a policy is taken from', () => {
  it.each<[string, (app: Express) => void, string]>([
    ['the first handler', (app) => void app.get('/x', security.authenticate, secret), 'GET /x'],
    [
      'an array of handlers',
      (app) => void app.get('/x', [security.authenticate, secret]),
      'GET /x',
    ],
    [
      'route().all before it',
      (app) => void app.route('/x').all(security.authenticate).get(secret),
      'GET /x',
    ],
    ['app.all with it', (app) => void app.all('/x', security.authenticate, secret), 'PATCH /x'],
    [
      'pathless middleware before it',
      (app) => void app.use(security.authenticate).get('/x', secret),
      'GET /x',
    ],
    [
      'middleware at the same path',
      (app) => void app.use('/a', security.authenticate, express.Router().get('/x', secret)),
      'GET /a/x',
    ],
    [
      'middleware at a path above it',
      (app) => void app.use('/a', security.authenticate).get('/a/b/:c', secret),
      'GET /a/b/c',
    ],
    [
      'middleware at a path with a parameter above it',
      (app) => void app.use('/a/:id', security.authenticate).get('/a/:id/x', secret),
      'GET /a/7/x',
    ],
    [
      'the top of its router',
      (app) => void app.use('/a', express.Router().use(security.authenticate).get('/x', secret)),
      'GET /a/x',
    ],
  ])('%s', async (_title, build, request) => {
    const site = await protectedSite(build)
    expect(await codes(site, [request])).toEqual(['authentication_required'])
    expect(entered).toEqual([])
    expect(await codes(site, [request], manager)).toEqual([200])
    expect(entered).toHaveLength(1)
  })

  it('open(), which may speak for a whole router', async () => {
    const site = await protectedSite((app) => {
      app.use('/public', security.open(), express.Router().get('/x', secret))
      app.use('/assets', security.open(express.static(import.meta.dirname)))
      app.use('/closed', express.static(import.meta.dirname))
    })
    expect(await codes(site, ['GET /public/x', 'GET /assets/README.md'])).toEqual([200, 200])
    expect(await codes(site, ['GET /closed/README.md'])).toEqual([bare])
  })
})

describe('a route that is added late', () => {
  it('between two requests is judged before it is run', async () => {
    const app = security.protect(express())
    const router = express.Router()
    app.use('/a', security.authenticate, router)
    const site = await open(listen(app))
    expect(await codes(site, ['GET /late'])).toEqual(['not_found'])
    app.get('/late', secret)
    app.get('/guarded', security.open(), secret)
    expect(await codes(site, ['GET /late', 'GET /guarded'])).toEqual([bare, 200])
    app.route('/guarded').post(secret)
    expect(await codes(site, ['POST /guarded'])).toEqual([bare])
  })

  it('in the middle of a request is judged before it is run', async () => {
    const app = security.protect(express())
    let added = false
    app.use((_request, _response, next) => {
      if (!added) app.get('/late', secret).use('/later', express.Router().get('/x', secret))
      added = true
      next()
    })
    const site = await open(listen(app))
    expect(await codes(site, ['GET /late', 'GET /later/x'])).toEqual([bare, bare])
    expect(entered).toEqual([])
  })

  it('in front of others is judged as well', async () => {
    const app = security.protect(express())
    app.get('/x', security.open(), secret)
    const site = await open(listen(app))
    expect(await codes(site, ['GET /x'])).toEqual([200])
    app.get('/y', secret)
    const { stack } = app.router as unknown as { stack: unknown[] }
    stack.unshift(stack.pop())
    expect(await codes(site, ['GET /y'])).toEqual([bare])
  })
})

describe('middleware mode', () => {
  it('closes bare routes of the app that mounts it, and of no other', async () => {
    const app = express()
    app.use(security.middleware())
    app.get('/bare', secret)
    const site = await open(listen(app))
    expect(await codes(site, ['GET /bare'])).toEqual([bare])
    const mixed = express()
    mixed.use('/api', security.middleware())
    mixed.get('/api/guarded', security.authenticate, secret)
    mixed.get('/theirs', secret)
    const other = await open(listen(mixed))
    expect(await codes(other, ['GET /theirs', 'GET /api/guarded'])).toEqual([
      200,
      'authentication_required',
    ])
  })
})
