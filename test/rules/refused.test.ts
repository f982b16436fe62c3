import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { from, openSite, type Site } from './identity-kit.ts'

const tight = { points: 2, window: '15m' } as const
const limits = {
  general: tight,
  account: { points: 3, window: '15m' },
  policies: { reads: tight, coupons: { points: 1, window: '1d', store: 'exact' } },
} as const
const markedRoutes: Parameters<typeof openSite>[1] = (app, security) => {
  const send = (_: unknown, res: { send(text: string): void }) => res.send('here')
  app.get('/reads', security.open(), security.rateLimit('reads'), send)
  const key = () => 'everybody'
  app.get('/coupons', security.open(), security.rateLimit('coupons', { key }), send)
  app.get('/manage', security.open(), security.ipRules('admin'), send)
  app.get('/vault', security.open(), security.ipRules({ allow: ['192.0.2.0/24'] }), send)
}

interface Row {
  readonly reason: string | null
  readonly resource: string | null
  readonly payload: Readonly<Record<string, unknown>>
}

/** What the record holds of an event, once each node has written what it gathered. */
async function recorded({ security }: Site, action: string): Promise<readonly Row[]> {
  const { addressRefusals, audit, database, refusals } = security.parts.ground
  await refusals.flush(database)
  await addressRefusals.flush(database)
  const rows = await audit.find({ action, limit: 500 })
  return rows.map(({ metadata, reason, resource_id }) => {
    return { reason, resource: resource_id, payload: JSON.parse(metadata ?? '{}') }
  })
}

/** Statuses of as many requests. */
async function ask(site: Site, times: number, path: string, headers: Record<string, string>) {
  const statuses: number[] = []
  for (let n = 0; n < times; n++) statuses.push((await site.get(path, headers)).status)
  return statuses
}

describe('a refusal by a limit is in the record', () => {
  let site: Site
  beforeAll(async () => {
    site = await openSite({ limits }, markedRoutes)
  })
  afterAll(() => site.close())
  const payloads = async () => {
    const rows = await recorded(site, 'limit.refused')
    return rows.map(({ payload: { client, policy, refusals } }) => ({ client, policy, refusals }))
  }

  it('of a client, however often, once', async () => {
    const statuses = await ask(site, 5, '/open', from('198.51.100.1'))
    expect(statuses).toEqual([200, 200, 429, 429, 429])
    const told = { client: '198.51.100.1', policy: 'general', refusals: 3 }
    expect(await payloads()).toEqual([told])
  })

  it('of an IPv6 network, whichever of its addresses asked', async () => {
    const asked = ['1', '2', '3:4', 'ffff:ffff:ffff:ffff'].map((end) => `2001:db8:0:1::${end}`)
    for (const client of asked.slice(0, 3)) await site.get('/open', from(client))
    const told = { client: '2001:db8:0:1::/64', policy: 'general', refusals: 1 }
    expect(await payloads()).toContainEqual(told)
  })

  it('of an account', async () => {
    const { bearer } = await site.signUp('ada@example.com')
    const statuses = await ask(site, 6, '/api/orders', { ...bearer, ...from('198.51.100.2') })
    const refusals = statuses.filter((status) => status === 429).length
    expect(refusals).toBeGreaterThan(0)
    expect(await payloads()).toContainEqual({ client: undefined, policy: 'account', refusals })
  })

  it('of a route, counted in memory or exactly', async () => {
    const client = '198.51.100.3'
    expect(await ask(site, 3, '/reads', from(client))).toEqual([200, 200, 429])
    expect(await ask(site, 2, '/coupons', from('198.51.100.4'))).toEqual([200, 429])
    expect(await payloads()).toEqual(
      expect.arrayContaining([
        { client, policy: 'reads', refusals: 1 },
        { client: undefined, policy: 'coupons', refusals: 1 },
      ]),
    )
  })

  it('of a client whose unknown tokens are looked at no more', async () => {
    const client = '198.51.100.5'
    const statuses: number[] = []
    for (let n = 0; n < 4; n++) {
      const headers = { ...from(client), authorization: `Bearer unknown${n}` }
      statuses.push((await site.get('/api/orders', headers)).status)
    }
    const refusals = statuses.filter((status) => status === 429).length
    expect(refusals).toBeGreaterThan(0)
    expect(await payloads()).toContainEqual({ client, policy: 'general', refusals })
  })
})

describe('a refusal by a rule about addresses is in the record', () => {
  let site: Site
  beforeAll(async () => {
    const rules = { deny: ['203.0.113.66'] }
    site = await openSite({ ipRules: rules, limits: { policies: limits.policies } }, markedRoutes)
  })
  afterAll(() => site.close())
  const payloads = async () => (await recorded(site, 'address.refused')).map((row) => row.payload)

  it('with the rule, its reason and the number, and nothing that was sent', async () => {
    const { id } = await site.security.ipRules.add(
      { action: 'deny', range: '198.51.100.0/24' },
      { reason: 'scans us' },
    )
    const headers = { ...from('198.51.100.9'), 'user-agent': 'canary8f3a' }
    expect(await ask(site, 3, '/canary8f3a?canary8f3a', headers)).toEqual([403, 403, 403])
    const rows = await recorded(site, 'address.refused')
    expect(rows).toMatchObject([
      {
        ...{ reason: 'scans us', resource: id },
        payload: {
          ...{ client: '198.51.100.9', scope: 'all', why: 'denied' },
          ...{ ruleId: id, range: '198.51.100.0/24', refusals: 3 },
        },
      },
    ])
    expect(site.dump().hf_audit?.join()).not.toContain('canary8f3a')
  })

  it('of the options, of a closed scope and of one route', async () => {
    await site.security.ipRules.add({ action: 'allow', range: '192.0.2.0/24', scope: 'admin' })
    const stranger = from('203.0.113.1')
    expect(await ask(site, 1, '/open', from('203.0.113.66'))).toEqual([403])
    expect(await ask(site, 1, '/admin/users', stranger)).toEqual([403])
    expect(await ask(site, 2, '/manage', stranger)).toEqual([403, 403])
    expect(await ask(site, 1, '/vault', stranger)).toEqual([403])
    const client = '203.0.113.1'
    expect(await payloads()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ client: '203.0.113.66', ruleId: null, range: '203.0.113.66/32' }),
        expect.objectContaining({ client, scope: 'admin', why: 'not_allowed', refusals: 3 }),
        expect.objectContaining({ client, scope: 'route', why: 'not_allowed', refusals: 1 }),
      ]),
    )
  })

  it('of a flood of clients in a bounded number of rows, and none is lost', async () => {
    const count = async () => {
      const all = await payloads()
      return [all.length, all.reduce((sum, { refusals }) => sum + Number(refusals), 0)] as const
    }
    const [rows, refusals] = await count()
    const { addressWatch } = site.security.parts.ground
    for (let n = 0; n < 5_000; n++) {
      const state = { client: { ip: '203.0.113.66', key: `2001:db8:${n.toString(16)}::/64` } }
      addressWatch.noteRefused(await addressWatch.judge({ path: '/', state } as never))
    }
    const [after, all] = await count()
    expect([after - rows, all - refusals]).toEqual([101, 5_000])
  })
})

describe('while a control', () => {
  it('is in shadow the record tells of no refusal, but for the API of Holdfast', async () => {
    const shield = { limits: 'shadow', ipRules: 'shadow' } as const
    const site = await openSite({ limits, shield }, markedRoutes)
    expect(await ask(site, 4, '/open', from('198.51.100.1'))).toEqual([200, 200, 200, 200])
    expect(await ask(site, 3, '/reads', from('198.51.100.2'))).toEqual([200, 200, 200])
    expect(await recorded(site, 'limit.refused')).toEqual([])
    expect(await ask(site, 1, '/auth/me', from('198.51.100.1'))).toEqual([429])
    expect(await recorded(site, 'limit.refused')).toHaveLength(1)
    const unknown = { ...from('198.51.100.1'), authorization: 'Bearer unknown' }
    expect(await ask(site, 2, '/api/orders', unknown)).toEqual([401, 401])
    await site.security.ipRules.add({ action: 'deny', range: '198.51.100.0/24' })
    expect(await ask(site, 2, '/vault', from('198.51.100.3'))).toEqual([200, 200])
    expect(await recorded(site, 'address.refused')).toEqual([])
    expect(await ask(site, 1, '/auth/me', from('198.51.100.3'))).toEqual([403])
    expect(await recorded(site, 'address.refused')).toHaveLength(1)
    await site.close()
  })

  it('is off nothing of it refuses, not even because it cannot be asked', async () => {
    const shield = { limits: 'off', ipRules: 'off' } as const
    const site = await openSite({ limits, shield }, markedRoutes)
    await site.security.ipRules.add({ action: 'allow', range: '192.0.2.0/24', scope: 'admin' })
    const { database, ipRuleCopy } = site.security.parts.ground
    const away = async (): Promise<never> => {
      throw new Error('away')
    }
    ipRuleCopy.everything()
    ipRuleCopy.settle = away
    database.transaction = away
    for (const path of ['/manage', '/vault', '/coupons', '/coupons', '/reads']) {
      expect([path, await ask(site, 1, path, from('198.51.100.1'))]).toEqual([path, [200]])
    }
    await site.close().catch(() => {})
  })
})
