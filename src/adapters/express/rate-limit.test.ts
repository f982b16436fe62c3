import { describe, expect, it } from 'vitest'
import { openBench } from '../../../test/adapters/bench.ts'
import { openKit } from '../../../test/adapters/site.ts'

const wide = { points: 1_000, window: '15m' } as const
const bench = openBench({
  limits: {
    ...{ general: { points: 4, window: '15m' }, account: wide },
    policies: {
      exports: { points: 5, window: '1m' },
      coupons: { points: 2, window: '1m', store: 'exact' },
      logins: { points: 1, window: '1m', block: '1h' },
    },
  },
})
const { protectedSite, secret } = bench

describe('a route with a limit of its own', () => {
  it('spends that one and no other while it lets pass, and says so', async () => {
    const { security } = bench.kit
    const site = await protectedSite((app) => {
      app.get('/export', security.open(), security.rateLimit('exports'), secret)
      app.get('/open', security.open(), secret)
    })
    const before = (await site.fetch('/open')).headers.get('ratelimit')
    for (const left of [4, 3, 2, 1, 0]) {
      const { headers, status } = await site.fetch('/export')
      expect([status, headers.get('ratelimit')]).toEqual([
        200,
        expect.stringContaining(`"exports";r=${left};`),
      ])
      expect(headers.get('ratelimit-policy')).toBe('"exports";q=5;w=60')
    }
    const refused = await site.fetch('/export')
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([
      429,
      expect.stringMatching(/^"exports";r=0;t=\d+$/),
    ])
    expect(refused.headers.get('retry-after')).toBe('60')
    const after = (await site.fetch('/open')).headers.get('ratelimit')
    expect([before, after]).toEqual([
      expect.stringContaining('"general";r=3;'),
      // The one that was refused has taken a point, too.
      expect.stringContaining('"general";r=1;'),
    ])
  })

  it('gives its point back once, also where two limits stand on it', async () => {
    const kit = await openKit({
      limits: {
        general: { points: 10, window: '15m' },
        policies: { one: { ...wide }, two: { ...wide } },
      },
    })
    const { security } = kit
    const site = await protectedSite((app) => {
      const both = [security.rateLimit('one'), security.rateLimit('two')]
      app.get('/both', security.open(), ...both, secret)
      app.get('/open', security.open(), secret)
    }, kit)
    await site.fetch('/open')
    await site.fetch('/both')
    expect((await site.fetch('/open')).headers.get('ratelimit')).toContain('"general";r=8;')
    await kit.close()
  })

  it('that is exact lets exactly its points pass, however many come at once', async () => {
    const { security } = bench.kit
    const site = await protectedSite((app) => {
      const key = () => 'summer'
      app.get('/coupon', security.open(), security.rateLimit('coupons', { key }), secret)
    })
    const asked = Array.from({ length: 40 }, () =>
      site.fetch('/coupon', { headers: bench.user.bearer }),
    )
    const answers = await Promise.all(asked)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(2)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]))
    for (const { headers } of answers) expect(headers.get('ratelimit')).toMatch(/^"coupons";/)
  })

  it('takes nothing back in shadow that was not spent', async () => {
    const kit = await openKit({
      shield: { limits: 'shadow' },
      limits: { general: { points: 2, window: '15m' }, policies: { exports: wide } },
    })
    const { security } = kit
    const site = await protectedSite((app) => {
      app.get('/export', security.open(), security.rateLimit('exports'), secret)
      app.get('/open', security.open(), secret)
    }, kit)
    for (let at = 0; at < 2; at++) await site.fetch('/open')
    const free = await security.limits.peek('general', '127.0.0.1')
    await site.fetch('/export')
    expect([
      free.remaining,
      (await security.limits.peek('general', '127.0.0.1')).remaining,
    ]).toEqual([0, 0])
    await kit.close()
  })

  it('counts accounts, clients, keys, or what a function says', async () => {
    const { security } = bench.kit
    const { key: apiKey } = await security.apiKeys.create(
      { kind: 'user', id: bench.manager.userId },
      { name: 'nightly', scopes: ['read:public'] },
    )
    const asKey = { headers: { 'x-api-key': apiKey } }
    const asPerson = { headers: bench.manager.bearer }
    const site = await protectedSite((app) => {
      for (const key of ['account', 'client', 'key'] as const) {
        app.get(`/by-${key}`, security.open(), security.rateLimit('logins', { key }), secret)
      }
    })
    const statuses = async (path: string, ...asked: readonly RequestInit[]) => {
      const all: number[] = []
      for (const one of asked) all.push((await site.fetch(path, one)).status)
      return all
    }
    expect(await statuses('/by-account', asPerson, asKey)).toEqual([200, 429])
    expect(await statuses('/by-key', asKey, asPerson)).toEqual([200, 429])
    expect(await statuses('/by-client', {}, asPerson, asKey)).toEqual([200, 429, 429])
    await bench.kit.advance(60 * 60_000)
    expect(await statuses('/by-client', asPerson, {})).toEqual([200, 429])
    const wrong = { key: 'constructor' as never }
    expect(() => security.rateLimit('logins', wrong)).toThrow("write 'account', 'client', 'key'")
  })
})
