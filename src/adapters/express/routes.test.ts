import express, { type Express, type RequestHandler } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Kit,
  type Listening,
  listen,
  openKit,
  type Person,
  serve,
} from '../../../test/adapters/site.ts'
import type { ExpressSecurity, ManifestEntry } from './index.ts'

let kit: Kit
let manager: Person
let security: ExpressSecurity
const stops: (() => Promise<void>)[] = []
let entered = 0

beforeAll(async () => {
  kit = await openKit()
  security = kit.security
  manager = await kit.person('manager')
})

afterAll(() => kit.close())

beforeEach(() => {
  entered = 0
  kit.log.length = 0
})

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const handler: RequestHandler = (_request, response) => {
  entered += 1
  response.json({ reached: true })
}

const passOn: RequestHandler = (_request, _response, next) => next()

async function open(target: Promise<Listening>): Promise<Listening> {
  const site = await target
  stops.push(site.stop)
  return site
}

const protectedSite = (build: (app: Express) => void) => open(serve(kit, build))

async function codes(site: Listening, requests: readonly string[], as?: Person) {
  const answers: (string | number)[] = []
  for (const request of requests) {
    const [method = '', path = ''] = request.split(' ')
    const headers = as ? as.bearer : {}
    const { json, status } = await site.fetch(path, { method, headers })
    answers.push(typeof json?.code === 'string' ? json.code : status)
  }
  return answers
}

const bare = 'route_without_policy'

describe('a route that states no policy answers 503', () => {
  it.each<[string, (app: Express) => void, readonly string[]]>([
    ['plain', (app) => void app.get('/x', handler), ['GET /x', 'HEAD /x'].slice(0, 1)],
    ['of several paths', (app) => void app.get(['/x', '/y'], handler), ['GET /x', 'GET /y']],
    ['of a regular expression', (app) => void app.get(/^\/x\d+$/, handler), ['GET /x7']],
    ['of a wildcard', (app) => void app.get('/x/*rest', handler), ['GET /x/a/b']],
    ['for all methods', (app) => void app.all('/x', handler), ['GET /x', 'PATCH /x', 'DELETE /x']],
    ['by route().all', (app) => void app.route('/x').all(handler), ['GET /x', 'PUT /x']],
    [
      'beside one that does',
      (app) => void app.route('/x').get(security.open(), passOn).post(handler),
      ['POST /x'],
    ],
    [
      'with a guard behind its handler',
      (app) => void app.get('/x', passOn, security.open(), handler),
      ['GET /x'],
    ],
    [
      'with a guard for all methods behind its handler',
      (app) => void app.route('/x').get(handler).all(security.authenticate),
      ['GET /x'],
    ],
    ['in a router', (app) => void app.use('/a', express.Router().get('/x', handler)), ['GET /a/x']],
    [
      'in a router in a router',
      (app) => void app.use('/a', express.Router().use('/b', express.Router().get('/x', handler))),
      ['GET /a/b/x'],
    ],
    [
      'before the guard of its router',
      (app) => void app.use('/a', express.Router().get('/x', handler).use(security.authenticate)),
      ['GET /a/x'],
    ],
    [
      'behind a guard of another path',
      (app) => void app.use('/a', security.authenticate).get('/ab', handler),
      ['GET /ab'],
    ],
    [
      'behind a guard that is only a route',
      (app) => void app.get('/a', security.authenticate).get('/a', handler),
      ['GET /a'],
    ],
    [
      'behind middleware that is open for itself',
      (app) => void app.use(security.open(passOn)).get('/x', handler),
      ['GET /x'],
    ],
    ['middleware with a path', (app) => void app.use('/x', handler), ['GET /x', 'GET /x/y']],
    [
      'behind a guard inside another function',
      (app) => void app.get('/x', (...values) => security.open()(...values), handler),
      ['GET /x'],
    ],
  ])('%s', async (_title, build, requests) => {
    const site = await protectedSite(build)
    expect(await codes(site, requests, manager)).toEqual(requests.map(() => bare))
    expect(entered).toBe(0)
    const told = kit.log.filter(({ message }) => message.includes('states no policy'))
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]?.fields).toMatchObject({ fix: expect.stringMatching(/guard|move it first/) })
  })
})

describe('a policy is taken from', () => {
  it.each<[string, (app: Express) => void, string]>([
    ['the first handler', (app) => void app.get('/x', security.authenticate, handler), 'GET /x'],
    [
      'an array of handlers',
      (app) => void app.get('/x', [security.authenticate, handler]),
      'GET /x',
    ],
    [
      'route().all before it',
      (app) => void app.route('/x').all(security.authenticate).get(handler),
      'GET /x',
    ],
    ['app.all with it', (app) => void app.all('/x', security.authenticate, handler), 'PATCH /x'],
    [
      'pathless middleware before it',
      (app) => void app.use(security.authenticate).get('/x', handler),
      'GET /x',
    ],
    [
      'middleware at the same path',
      (app) => void app.use('/a', security.authenticate, express.Router().get('/x', handler)),
      'GET /a/x',
    ],
    [
      'middleware at a path above it',
      (app) => void app.use('/a', security.authenticate).get('/a/b/:c', handler),
      'GET /a/b/c',
    ],
    [
      'middleware at a path with a parameter above it',
      (app) => void app.use('/a/:id', security.authenticate).get('/a/:id/x', handler),
      'GET /a/7/x',
    ],
    [
      'the top of its router',
      (app) => void app.use('/a', express.Router().use(security.authenticate).get('/x', handler)),
      'GET /a/x',
    ],
  ])('%s', async (_title, build, request) => {
    const site = await protectedSite(build)
    expect(await codes(site, [request])).toEqual(['authentication_required'])
    expect(entered).toBe(0)
    expect(await codes(site, [request], manager)).toEqual([200])
    expect(entered).toBe(1)
  })

  it('open(), which may speak for a whole router', async () => {
    const site = await protectedSite((app) => {
      app.use('/public', security.open(), express.Router().get('/x', handler))
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
    app.get('/late', handler)
    app.get('/guarded', security.open(), handler)
    expect(await codes(site, ['GET /late', 'GET /guarded'])).toEqual([bare, 200])
    app.route('/guarded').post(handler)
    expect(await codes(site, ['POST /guarded'])).toEqual([bare])
  })

  it('in the middle of a request is judged before it is run', async () => {
    const app = security.protect(express())
    let added = false
    app.use((_request, _response, next) => {
      if (!added) app.get('/late', handler).use('/later', express.Router().get('/x', handler))
      added = true
      next()
    })
    const site = await open(listen(app))
    expect(await codes(site, ['GET /late', 'GET /later/x'])).toEqual([bare, bare])
    expect(entered).toBe(0)
  })

  it('in front of others is judged as well', async () => {
    const app = security.protect(express())
    app.get('/x', security.open(), handler)
    const site = await open(listen(app))
    expect(await codes(site, ['GET /x'])).toEqual([200])
    app.get('/y', handler)
    const { stack } = app.router as unknown as { stack: unknown[] }
    stack.unshift(stack.pop())
    expect(await codes(site, ['GET /y'])).toEqual([bare])
  })
})

describe('the manifest', () => {
  const short = ({ method, path, policy, unclassified }: ManifestEntry) =>
    `${method} ${path} ${policy?.kind ?? (unclassified ? 'unclassified' : 'none')}`

  it('lists every route with its policy, methods folded', async () => {
    const app = security.protect(express())
    const sub = express()
    sub.get('/s', security.guard('read:orders'), handler)
    const router = express.Router()
    router.param('id', (_request, _response, next) => next())
    router.get(['/x/:id', /^\/y/], security.guard.resource('tasks'), handler)
    app.use(function logger(_request, _response, next) {
      next()
    })
    app.all('/all', security.authenticate, handler)
    app.route('/r').all(security.open()).get(handler).post(handler)
    app.use('/router', router)
    app.use('/sub', sub)
    app.get('/bare', handler)
    app.use(security.errorHandler())
    const listed = security.manifest(app).map(short)
    expect(listed).toEqual([
      'USE / unclassified',
      'ALL /all signed-in',
      'ALL /r open',
      'GET /r open',
      'POST /r open',
      'PARAM /router/:id unclassified',
      'GET /router/x/:id resource',
      'GET /router/^\\/y/ resource',
      'GET /sub/s permission',
      'GET /bare none',
      'USE / unclassified',
    ])
    await open(listen(app)).then((site) => site.fetch('/bare'))
    expect(security.manifest(app).map(short)).toEqual(listed)
  })

  it('trusts no guard whose pattern keeps its place, as it matches every other time', () => {
    const app = express()
    for (const pattern of [/^\/x/, /^\/x/g, /^\/x/y]) {
      app.use(pattern, security.authenticate)
      app.use(pattern, express.Router().get('/', handler))
    }
    const routes = security.manifest(app).filter(({ method }) => method === 'GET')
    expect(routes.map(({ policy }) => policy?.kind)).toEqual(['signed-in', undefined, undefined])
  })

  it('may be asked before protect(), which still protects', async () => {
    const app = express()
    app.get('/bare', handler)
    expect(security.manifest(app)).toHaveLength(1)
    const site = await open(listen(security.protect(app)))
    expect(await codes(site, ['GET /bare'])).toEqual([bare])
  })
})

describe('a clash with a path of Holdfast', () => {
  it.each(['/auth/login', '/Admin', '/account/:page', '/healthz', '/.well-known/jwks.json'])(
    'stops app.listen with a message that names both: %s',
    (path) => {
      const app = security.protect(express())
      app.get(path, security.open(), handler)
      const start = () => app.listen(0, '127.0.0.1')
      const own = path.toLowerCase().replace(/^(\/[^/]+).*/, '$1')
      expect(start).toThrow(
        new RegExp(`GET ${path.replaceAll('.', '\\.')} .*${own.replaceAll('.', '\\.')}`),
      )
    },
  )

  it('answers 503 where there is no listen to stop, without a word about the app', async () => {
    const site = await protectedSite((app) => {
      app.get('/admin/hidden', security.open(), handler)
      app.get('/x', security.open(), handler)
    })
    const answer = await site.fetch('/x')
    expect(answer).toMatchObject({ status: 503, json: { code: 'path_clash' } })
    expect(answer.text).not.toContain('hidden')
    expect(kit.log.some(({ level }) => level === 'error')).toBe(true)
  })

  it('is solved by moving ours', async () => {
    const moved = await openKit({ paths: { admin: '/holdfast/admin' } })
    const app = moved.security.protect(express())
    app.get('/admin', moved.security.open(), handler)
    const site = await listen(app.listen(0, '127.0.0.1'))
    const requests = ['GET /admin', 'GET /admin/users', 'GET /holdfast/admin/users']
    expect(await codes(site, requests)).toEqual([200, 'not_found', 'authentication_required'])
    await site.stop()
    await moved.close()
  })

  it('is none where a wildcard could match it, or the app is mounted below', async () => {
    const site = await protectedSite((app) => {
      app.get('/*rest', security.open(), handler)
      app.get('/:page', security.open(), handler)
    })
    expect(await codes(site, ['GET /x', 'GET /auth/me'])).toEqual([200, 'authentication_required'])
    const child = security.protect(express())
    child.get('/admin', security.open(), handler)
    const below = await open(listen(express().use('/shop', child)))
    expect(await codes(below, ['GET /shop/admin'])).toEqual([200])
  })
})

describe('middleware mode', () => {
  it('closes bare routes of the app that mounts it, and of no other', async () => {
    const app = express()
    app.use(security.middleware())
    app.get('/bare', handler)
    const site = await open(listen(app))
    expect(await codes(site, ['GET /bare'])).toEqual([bare])
    const mixed = express()
    mixed.use('/api', security.middleware())
    mixed.get('/api/guarded', security.authenticate, handler)
    mixed.get('/theirs', handler)
    const other = await open(listen(mixed))
    expect(await codes(other, ['GET /theirs', 'GET /api/guarded'])).toEqual([
      200,
      'authentication_required',
    ])
  })
})
