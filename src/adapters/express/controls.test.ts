import express from 'express'
import { describe, expect, it } from 'vitest'
import { openControlsBench } from '../../../test/adapters/bench.ts'
import { RawClient } from '../../../test/adapters/raw-http.ts'
import { listen } from '../../../test/adapters/site.ts'

const bench = openControlsBench()
const { protectedSite, secret } = bench

describe('the use of a route', () => {
  async function rows(action: string) {
    await bench.kit.security.parts.ground.audit.flush()
    const found = await bench.kit.security.parts.ground.audit.find({ limit: 500 })
    return found.filter((row) => row.action === action)
  }

  it('is recorded once, with who, what, status and duration', async () => {
    const { security } = bench.kit
    const about = { audit: 'orders.read', resource: () => ({ kind: 'order', id: '7' }) }
    const guard = security.guard('read:orders', about)
    const site = await protectedSite((app) => {
      app.use('/orders', guard)
      app.get('/orders', guard, (_request, response) => {
        bench.kit.clock.advance(40)
        response.json({})
      })
    })
    await site.fetch('/orders', { headers: bench.manager.bearer })
    await site.fetch('/orders', { headers: bench.user.bearer })
    await site.fetch('/orders')
    const found = await rows('orders.read')
    const facts = found.map(({ actor_id, outcome, resource_id, status }) => ({
      actor_id,
      outcome,
      resource_id,
      status,
    }))
    expect(facts.sort((a, b) => Number(a.status) - Number(b.status))).toEqual([
      { actor_id: bench.manager.userId, outcome: 'success', resource_id: '7', status: 200 },
      { actor_id: null, outcome: 'refused', resource_id: '7', status: 401 },
      { actor_id: bench.user.userId, outcome: 'refused', resource_id: '7', status: 403 },
    ])
    expect(found.find(({ status }) => status === 200)?.duration_ms).toBeGreaterThanOrEqual(40)
  })

  it('is recorded when the client has gone', async () => {
    let seen = () => {}
    const reached = new Promise<void>((resolve) => {
      seen = resolve
    })
    const site = await protectedSite((app) => {
      app.get('/slow', bench.kit.security.open(), bench.kit.security.audit('slow.read'), () =>
        seen(),
      )
    })
    const client = await RawClient.open(site.port)
    client.send('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
    await reached
    client.close()
    let found = await rows('slow.read')
    while (found.length === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      found = await rows('slow.read')
    }
    expect(found).toMatchObject([{ status: 499, outcome: 'failure', reason: 'aborted' }])
  })

  it('that names its resource wrongly hurts nobody', async () => {
    const resource = () => {
      throw new Error('deliberate')
    }
    const site = await protectedSite((app) => {
      app.get(
        '/x',
        bench.kit.security.open(),
        bench.kit.security.audit('x.read', { resource }),
        secret,
      )
    })
    expect((await site.fetch('/x')).status).toBe(200)
    expect((await site.fetch('/x')).status).toBe(200)
    expect(bench.kit.log.some(({ message }) => message.includes('could not be recorded'))).toBe(
      true,
    )
  })

  it('stands beside records of the app itself', async () => {
    await bench.kit.security.audit.record({ action: 'report.made' })
    expect(await rows('report.made')).toHaveLength(1)
  })
})

describe('a control of its own:', () => {
  it('rateLimit counts by account, else by client, else by what it is told', async () => {
    const { security } = bench.kit
    const site = await protectedSite((app) => {
      app.get('/export', security.open(), security.rateLimit('exports'), secret)
      const key = () => 'everybody'
      app.get('/shared', security.open(), security.rateLimit('exports', { key }), secret)
      const broken = () => {
        throw new Error('deliberate')
      }
      app.get('/broken', security.open(), security.rateLimit('exports', { key: broken }), secret)
      const list = () => ['everybody'] as unknown as string
      app.get('/list', security.open(), security.rateLimit('exports', { key: list }), secret)
    })
    const status = async (path: string, headers = {}) => {
      const answer = await site.fetch(path, { headers })
      if (answer.status === 429)
        expect(answer.json).toMatchObject({ code: 'rate_limited', retryAfter: 60 })
      return answer.status
    }
    expect([await status('/export'), await status('/export'), await status('/export')]).toEqual([
      200, 200, 429,
    ])
    expect(await status('/export', bench.manager.bearer)).toBe(200)
    expect([
      await status('/shared', bench.user.bearer),
      await status('/shared'),
      await status('/shared'),
    ]).toEqual([200, 200, 429])
    expect(await status('/broken')).toBe(503)
    expect(await status('/list')).toBe(503)
    const told = bench.kit.log.filter(({ message }) => message.includes('could not be counted'))
    expect(told).toMatchObject([{ fields: { path: '/broken' } }, { fields: { path: '/list' } }])
  })

  it('rateLimit refuses where Holdfast is not mounted', async () => {
    const app = express().get('/x', bench.kit.security.rateLimit('exports'), secret)
    const site = await bench.open(listen(app))
    expect((await site.fetch('/x')).status).toBe(503)
  })

  it('headers gives the security headers and a nonce without a database', async () => {
    const { security } = bench.kit
    const app = express()
    app.use(security.headers)
    app.get('/x', (request, response) => void response.json({ nonce: security.nonce(request) }))
    const site = await bench.open(listen(app))
    const { headers, json } = await site.fetch('/x')
    expect(headers.get('content-security-policy')).toContain(`'nonce-${json?.nonce}'`)
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(security.headers()).toMatchObject({ 'x-frame-options': 'DENY' })
  })

  it('csrf refuses what browsers send across sites', async () => {
    const app = express()
    app.use(bench.kit.security.csrf)
    app.all('/x', (_request, response) => void response.json({}))
    const site = await bench.open(listen(app))
    const post = (headers: Record<string, string>) => site.fetch('/x', { method: 'POST', headers })
    expect((await post({ origin: 'https://evil.example' })).json).toMatchObject({
      code: 'csrf_refused',
    })
    expect((await post({ 'sec-fetch-site': 'same-site' })).status).toBe(403)
    expect((await post({ origin: 'http://localhost:3000' })).status).toBe(200)
    expect((await site.fetch('/x', { headers: { origin: 'https://evil.example' } })).status).toBe(
      200,
    )
  })

  it('nonce is the one of the response under protect', async () => {
    const site = await protectedSite((app) => {
      app.get('/x', bench.kit.security.open(), (request, response) => {
        response.send(bench.kit.security.nonce(request))
      })
    })
    const { headers, text } = await site.fetch('/x')
    expect(headers.get('content-security-policy')).toContain(`'nonce-${text}'`)
  })
})
