import express, { type Express, type RequestHandler } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { openKit } from '../../../test/adapters/site.ts'

type Kit = Awaited<ReturnType<typeof openKit>>

const bench = openBench()
const { protectedSite, secret } = bench
const kits: Kit[] = []
afterEach(async () => {
  for (const kit of kits.splice(0)) await kit.close()
})

/** A site whose clients have two requests of the quota of strangers, and have used them up. */
async function usedUp(
  build: (app: Express, security: Kit['security']) => void,
  shield: { readonly limits?: 'shadow' } = {},
) {
  const kit = await openKit({
    shield,
    limits: {
      general: { points: 2, window: '15m' },
      policies: { own: { points: 3, window: '15m' } },
    },
  })
  kits.push(kit)
  const { security } = kit
  const site = await protectedSite((app) => {
    app.get('/plain', security.open(), secret)
    build(app, security)
  }, kit)
  for (let at = 0; at < 2; at++) await site.fetch('/plain')
  const statusOf = async (path: string, init?: RequestInit) => (await site.fetch(path, init)).status
  return { security, site, statusOf }
}

const passOn: RequestHandler = (_request, _response, next) => next()

describe('a quota that is used up', () => {
  it('refuses no request that the limit of its route counts', async () => {
    const { site, statusOf } = await usedUp((app, security) => {
      app.get('/own/:id', security.open(), security.rateLimit('own'), secret)
    })
    const { headers, status } = await site.fetch('/own/7')
    expect([status, headers.get('ratelimit')]).toEqual([200, expect.stringContaining('"own";r=2;')])
    expect(await statusOf('/Own/8?x=1', { method: 'HEAD' })).toBe(200)
    expect(await statusOf('/own/9/')).toBe(200)
    const refused = await site.fetch('/own/7')
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([
      429,
      expect.stringContaining('"own";r=0;'),
    ])
    expect(await statusOf('/plain')).toBe(429)
    expect(await statusOf('/own/7', { method: 'POST' })).toBe(429)
  })

  it('refuses whom the guard of such a route turns away, for nothing has counted that', async () => {
    const { site, statusOf } = await usedUp((app, security) => {
      app.get('/own', security.guard('read:inventory'), security.rateLimit('own'), secret)
    })
    const { headers, status } = await site.fetch('/own')
    expect([status, headers.get('ratelimit')]).toEqual([
      429,
      expect.stringContaining('"general";r=0;'),
    ])
    expect(await statusOf('/own')).toBe(429)
  })

  it.each<[string, (app: Express, security: Kit['security']) => void]>([
    [
      'something of the app stands before the limit',
      (app, security) => {
        app.get('/own', security.open(), passOn, security.rateLimit('own'), secret)
      },
    ],
    [
      'another route may answer first',
      (app, security) => {
        app.get('/:any', security.open(), passOn, secret)
        app.get('/own', security.open(), security.rateLimit('own'), secret)
      },
    ],
    [
      'a path before it is a regular expression',
      (app, security) => {
        app.get(/^\/o/, security.open(), secret)
        app.get('/own', security.open(), security.rateLimit('own'), secret)
      },
    ],
    [
      'middleware of its path may answer first',
      (app, security) => {
        app.use('/Own', security.open(passOn))
        app.get('/:page', security.open(), security.rateLimit('own'), secret)
      },
    ],
    [
      'middleware before it stands at no plain path',
      (app, security) => {
        app.use('/o{*rest}', security.open(passOn))
        app.get('/own', security.open(), security.rateLimit('own'), secret)
      },
    ],
    [
      'its own path is a wildcard',
      (app, security) => {
        app.get('/own{*rest}', security.open(), security.rateLimit('own'), secret)
      },
    ],
  ])('refuses where %s', async (_, build) => {
    const { statusOf } = await usedUp(build)
    expect(await statusOf('/own')).toBe(429)
  })

  it('knows limits that stand before a router', async () => {
    const { statusOf } = await usedUp((app, security) => {
      const router = express.Router()
      router.get('/orders', secret)
      app.use('/api', security.open(), security.rateLimit('own'), router)
      app.get('/apiary', security.open(), secret)
    })
    expect(await statusOf('/api/orders')).toBe(200)
    expect(await statusOf('/api/nothing')).toBe(429)
    expect(await statusOf('/apiary')).toBe(429)
  })

  it('knows limits that stand before middleware of a path, and what is passed by all', async () => {
    const { statusOf } = await usedUp((app, security) => {
      app.use(passOn)
      app.use('/others', security.open(passOn))
      app.use('/api', security.open(), security.rateLimit('own'))
      app.use('/api', passOn)
      app.get('/api/orders', secret)
    })
    expect(await statusOf('/api/orders')).toBe(200)
    expect(await statusOf('/others')).toBe(429)
  })

  it('refuses at paths of Holdfast, whatever route of the app has a limit there', async () => {
    const { statusOf } = await usedUp((app, security) => {
      app.get('/:area/:page', security.open(), security.rateLimit('own'), secret)
    })
    expect([await statusOf('/auth/me'), await statusOf('/area/page')]).toEqual([429, 200])
  })

  it.each<[string, (app: Express, security: Kit['security']) => void]>([
    [
      'middleware that every request passes',
      (app, security) => {
        app.use((request, response, next) => {
          if (request.path === '/export') secret(request, response, next)
          else next()
        })
        app.get('/:page', security.open(), security.rateLimit('own'), secret)
      },
    ],
    [
      'the callback of a parameter',
      (app, security) => {
        app.param('page', secret)
        app.get('/:page', security.open(), security.rateLimit('own'), secret)
      },
    ],
  ])('is paid by what %s answers on the way to such a route', async (_, build) => {
    const { statusOf } = await usedUp(build)
    const seen: number[] = []
    for (let at = 0; at < 5; at++) seen.push(await statusOf('/export'))
    expect(seen).toEqual([200, 200, 429, 429, 429])
  })

  it('waits for refusals of such a route as often as it has points, and then reads nothing more', async () => {
    const { site } = await usedUp((app, security) => {
      app.post('/own', security.open(), security.rateLimit('own'), secret)
    })
    const post = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    const said: unknown[] = []
    for (let at = 0; at < 7; at++) {
      const { headers, status } = await site.fetch('/own', post)
      said.push([status, headers.get('ratelimit')?.split(';')[0]])
    }
    expect(said).toEqual([
      ...Array(3).fill([200, '"own"']),
      ...Array(2).fill([429, '"own"']),
      ...Array(2).fill([429, '"general"']),
    ])
  })

  it('waits for no more of those whom a guard turns away, either', async () => {
    const { statusOf } = await usedUp((app, security) => {
      app.get('/own', security.open(), security.rateLimit('own'), secret)
      app.get('/shut', security.authenticate, security.rateLimit('own'), secret)
    })
    expect(await statusOf('/own')).toBe(200)
    for (let at = 0; at < 2; at++) expect(await statusOf('/shut')).toBe(429)
    expect(await statusOf('/own')).toBe(429)
  })

  it('is used up by what the limit of a route refuses, too', async () => {
    const kit = await openKit({
      limits: {
        general: { points: 3, window: '15m' },
        policies: { tight: { points: 1, window: '15m' } },
      },
    })
    kits.push(kit)
    const { security } = kit
    const site = await protectedSite((app) => {
      app.get('/plain', security.open(), secret)
      app.get('/tight', security.open(), security.rateLimit('tight'), secret)
    }, kit)
    const statuses: number[] = []
    for (const path of ['/tight', '/tight', '/tight', '/plain', '/plain']) {
      statuses.push((await site.fetch(path)).status)
    }
    expect(statuses).toEqual([200, 429, 429, 200, 429])
  })

  it('in shadow refuses nobody at such a route either, and is counted only where it would have', async () => {
    const { security, statusOf } = await usedUp(
      (app, made) => {
        app.get('/own', made.open(), made.rateLimit('own'), secret)
        app.get('/shut', made.authenticate, made.rateLimit('own'), secret)
      },
      { limits: 'shadow' },
    )
    expect([await statusOf('/own'), await statusOf('/shut')]).toEqual([200, 401])
    const peek = await security.limits.peek('own', '127.0.0.1')
    expect(peek.remaining).toBe(2)
  })
})
