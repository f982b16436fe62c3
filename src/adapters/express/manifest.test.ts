import express from 'express'
import { beforeAll, describe, expect, it } from 'vitest'
import { codes, openBench } from '../../../test/adapters/bench.ts'
import { type Kit, listen, openKit } from '../../../test/adapters/site.ts'
import type { ExpressSecurity, ManifestEntry } from './index.ts'

const bench = openBench()
const { open, protectedSite, secret } = bench
let kit: Kit
let security: ExpressSecurity
beforeAll(() => {
  kit = bench.kit
  security = bench.kit.security
})

const bare = 'route_without_policy'

describe('the manifest', () => {
  const short = ({ method, path, policy, unclassified }: ManifestEntry) =>
    `${method} ${path} ${policy?.kind ?? (unclassified ? 'unclassified' : 'none')}`

  it('lists every route with its policy, methods folded', async () => {
    const app = security.protect(express())
    const sub = express()
    sub.get('/s', security.guard('read:orders'), secret)
    const router = express.Router()
    router.param('id', (_request, _response, next) => next())
    router.get(['/x/:id', /^\/y/], security.guard.resource('tasks'), secret)
    app.use(function logger(_request, _response, next) {
      next()
    })
    app.all('/all', security.authenticate, secret)
    app.route('/r').all(security.open()).get(secret).post(secret)
    app.use('/router', router)
    app.use('/sub', sub)
    app.get('/bare', secret)
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
      app.use(pattern, express.Router().get('/', secret))
    }
    const routes = security.manifest(app).filter(({ method }) => method === 'GET')
    expect(routes.map(({ policy }) => policy?.kind)).toEqual(['signed-in', undefined, undefined])
  })

  it('may be asked before protect(), which still protects', async () => {
    const app = express()
    app.get('/bare', secret)
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
      app.get(path, security.open(), secret)
      const start = () => app.listen(0, '127.0.0.1')
      const own = path.toLowerCase().replace(/^(\/[^/]+).*/, '$1')
      expect(start).toThrow(
        new RegExp(`GET ${path.replaceAll('.', '\\.')} .*${own.replaceAll('.', '\\.')}`),
      )
    },
  )

  it('answers 503 where there is no listen to stop, without a word about the app', async () => {
    const site = await protectedSite((app) => {
      app.get('/admin/hidden', security.open(), secret)
      app.get('/x', security.open(), secret)
    })
    const answer = await site.fetch('/x')
    expect(answer).toMatchObject({ status: 503, json: { code: 'path_clash' } })
    expect(answer.text).not.toContain('hidden')
    expect(kit.log.some(({ level }) => level === 'error')).toBe(true)
  })

  it('is solved by moving ours', async () => {
    const moved = await openKit({ paths: { admin: '/holdfast/admin' } })
    const app = moved.security.protect(express())
    app.get('/admin', moved.security.open(), secret)
    const site = await listen(app.listen(0, '127.0.0.1'))
    const requests = ['GET /admin', 'GET /admin/users', 'GET /holdfast/admin/users']
    expect(await codes(site, requests)).toEqual([200, 'not_found', 'authentication_required'])
    await site.stop()
    await moved.close()
  })

  it('is none where a wildcard could match it, or the app is mounted below', async () => {
    const site = await protectedSite((app) => {
      app.get('/*rest', security.open(), secret)
      app.get('/:page', security.open(), secret)
    })
    expect(await codes(site, ['GET /x', 'GET /auth/me'])).toEqual([200, 'authentication_required'])
    const child = security.protect(express())
    child.get('/admin', security.open(), secret)
    const below = await open(listen(express().use('/shop', child)))
    expect(await codes(below, ['GET /shop/admin'])).toEqual([200])
  })
})

describe('a guard that no role passes', () => {
  const access = { resources: { depots: { actions: ['close'] } } } as const
  const guarded = ({ protect, guard }: ExpressSecurity) => {
    const app = protect(express())
    app.get('/depots', guard('close:depots'), secret)
    return app
  }

  it('stops the start where resources are declared, and says where it stands', async () => {
    const own = await openKit({ access })
    const start = () => guarded(own.security).listen(0, '127.0.0.1')
    expect(start).toThrow(/GET \/depots, permission close:depots: .*access\.roles/)
    await own.close()
    expect(start).toThrow(/roles that administrators made count once security\.ready\(\)/)
  })

  it('is told of alone where administrators make roles, for one of these may hold it yet', async () => {
    const own = await openKit({ access })
    await own.security.roles.set('reader', { permissions: ['read:depots'] })
    await own.security.roles.list()
    const site = await open(listen(guarded(own.security).listen(0, '127.0.0.1')))
    const told = own.log.filter(({ message }) => message.includes('no role but'))
    expect(told).toMatchObject([
      { level: 'warn', fields: { path: '/depots', permission: 'close:depots' } },
    ])
    const keeper = await own.person('reader')
    expect((await site.fetch('/depots', { headers: keeper.bearer })).status).toBe(403)
    await own.security.roles.set('reader', { permissions: ['close:depots'] })
    expect((await site.fetch('/depots', { headers: keeper.bearer })).status).toBe(200)
    await own.close()
  })
})
