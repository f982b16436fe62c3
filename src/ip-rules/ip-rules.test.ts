import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import type { IpRuleBook } from './index.ts'

describeEngines('rules about addresses', (engine) => {
  let fresh: FreshDatabase
  let nodes: TestSecurity[] = []
  let here: IpRuleBook
  let there: IpRuleBook

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const masterKey = randomBytes(32).toString('base64url')
    const ipRules = { deny: ['203.0.113.66'] }
    const open = () => createTestSecurity({ database: fresh.url, ipRules, masterKey })
    nodes = [await open(), await open()]
    for (const { security } of nodes) await security.parts.ground.jobs.stop()
    const books = nodes.map(({ security }) => security.ipRules)
    here = books[0] as IpRuleBook
    there = books[1] as IpRuleBook
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    await fresh.drop()
  })
  afterEach(async () => {
    for (const { id } of (await here.list({ limit: 200 })).rules) {
      if (id !== null) await here.remove(id)
    }
  })

  const mayReach = async (book: IpRuleBook, address: string, scope = 'all') =>
    (await book.check(address))?.scopes.find((one) => one.scope === scope)?.allowed

  it('are made, seen on every node, renewed and ended', async () => {
    const by = { actor: { kind: 'operator', id: 'ada' }, reason: 'scans us' } as const
    const made = await here.add({ action: 'deny', range: '198.51.100.9/24' }, by)
    expect(made).toMatchObject({
      ...{ action: 'deny', range: '198.51.100.0/24', scope: 'all', reason: 'scans us' },
      ...{ createdBy: 'ada', expiresAt: null },
    })
    expect([await mayReach(here, '198.51.100.7'), await mayReach(there, '198.51.100.7')]).toEqual([
      false,
      false,
    ])
    const expiresAt = (nodes[0]?.clock.now() ?? 0) + 60_000
    const again = await there.add({ action: 'deny', range: '198.51.100.0/24', expiresAt })
    expect(again).toEqual({ ...made, expiresAt, reason: null })
    expect((await here.list()).rules).toEqual([again])
    await nodes[0]?.advance(60_000)
    expect(await mayReach(here, '198.51.100.7')).toBe(true)
    await here.remove(String(made.id))
    expect((await there.list()).rules).toEqual([])
  })

  it('of the options stand beside them, and are nobody else’s to end', async () => {
    const { fixed } = await here.list()
    expect(fixed).toMatchObject([{ id: null, action: 'deny', range: '203.0.113.66/32' }])
    expect(await mayReach(here, '203.0.113.66')).toBe(false)
    await expect(here.remove('null')).rejects.toMatchObject({ code: 'ip_rule_not_found' })
  })

  it('are shown in pages, the oldest first, and by scope', async () => {
    for (let at = 0; at < 5; at++) {
      nodes[0]?.clock.advance(1)
      await here.add({ action: 'deny', range: `10.0.${at}.0/24`, scope: at < 2 ? '/a' : 'all' })
    }
    const first = await here.list({ limit: 3 })
    const rest = await here.list({ limit: 3, after: first.next ?? '' })
    const ranges = [...first.rules, ...rest.rules].map(({ range }) => range)
    expect(ranges).toEqual([0, 1, 2, 3, 4].map((at) => `10.0.${at}.0/24`))
    expect(rest.next).toBeNull()
    expect((await here.list({ scope: '/a' })).rules).toHaveLength(2)
  })

  it('come in by the thousand, all or none, and again without doubles', async () => {
    const lines = Array.from({ length: 1_200 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24 # list`)
    const order = { action: 'deny', scope: '/a', lines: ['# published', '', ...lines] } as const
    await expect(
      here.import({ ...order, lines: [...lines, '10.0.0', '300.1.1.1'] }),
    ).rejects.toMatchObject({
      code: 'ip_rule_invalid',
      extras: { faults: [{ pointer: '#/body/lines/1200' }, { pointer: '#/body/lines/1201' }] },
    })
    expect(await mayReach(there, '10.4.7.1', '/a')).toBeUndefined()
    expect(await here.import(order)).toEqual({ added: 1_200, renewed: 0 })
    expect(await mayReach(there, '10.4.7.1', '/a')).toBe(false)
    expect(await there.import({ ...order, lines: [...lines, '11.0.0.0/8'] })).toEqual({
      added: 1,
      renewed: 1_200,
    })
    const reader = nodes[0]?.security.parts.ground.database
    await reader?.transaction((trx) => trx.deleteFrom('hf_ip_rules').execute())
    for (const { security } of nodes) {
      security.parts.ground.ipRuleCopy.everything()
      await security.parts.ground.ipRuleCopy.settle(security.parts.ground.database.reader)
    }
  })

  it('end no earlier by the word of whoever may not end them', async () => {
    const now = nodes[0]?.clock.now() ?? 0
    const [range, scope] = ['10.7.0.0/24', '/b']
    const made = await here.add({ action: 'deny', range, scope, expiresAt: now + 2_000 })
    const would = { code: 'ip_rule_would_end', status: 403 }
    const order = { action: 'deny', scope, expiresAt: now + 1_999 } as const
    const lines = ['10.6.0.0/24', range]
    const mayShorten = false
    await expect(there.add({ ...order, range }, { mayShorten })).rejects.toMatchObject(would)
    await expect(there.import({ ...order, lines }, { mayShorten })).rejects.toMatchObject(would)
    expect((await here.list({ scope })).rules).toEqual([made])
    await there.add({ ...order, range, expiresAt: now + 2_000 }, { mayShorten })
    await there.add({ action: 'deny', range, scope }, { mayShorten })
    await expect(there.add({ ...order, range }, { mayShorten })).rejects.toMatchObject(would)
    expect(await there.import({ ...order, lines })).toEqual({ added: 1, renewed: 1 })
  })

  it('made by many at once are each there once', async () => {
    const ranges = Array.from({ length: 20 }, (_, at) => `10.9.${at % 10}.0/24`)
    await Promise.all(
      ranges.map((range, at) => (at % 2 === 0 ? here : there).add({ action: 'deny', range })),
    )
    expect((await here.list({ limit: 200 })).rules).toHaveLength(10)
    for (const range of ranges)
      expect(await mayReach(there, range.replace('0/24', '1'))).toBe(false)
  })

  it('are heard of on other nodes by the next poll, one rule at a time', async () => {
    const [first, second] = nodes
    const watch = second?.security.parts.ground
    const { id } = await here.add({ action: 'deny', range: '10.1.2.3' })
    expect(watch?.ipRuleCopy.settled).toBe(true)
    await second?.advance(200)
    expect(watch?.ipRuleCopy.settled).toBe(false)
    expect(await mayReach(there, '10.1.2.3')).toBe(false)
    await here.remove(String(id))
    expect(first?.security.parts.ground.ipRuleCopy.settled).toBe(false)
    await second?.advance(200)
    expect(await mayReach(there, '10.1.2.3')).toBe(true)
  })

  it('are not made of what cannot be read', async () => {
    const bad = [
      [{ action: 'deny', range: '10.0.0' }, '#/body/range'],
      [{ action: 'deny', range: '0x0a.0.0.1' }, '#/body/range'],
      [{ action: 'deny', range: '10.0.0.1', scope: 'everything' }, '#/body/scope'],
      [{ action: 'deny', range: '10.0.0.1', expiresAt: 1 }, '#/body/expiresAt'],
    ] as const
    for (const [rule, pointer] of bad) {
      await expect(here.add(rule)).rejects.toMatchObject({
        code: 'ip_rule_invalid',
        extras: { faults: [{ pointer }] },
      })
    }
    expect(await here.check('10.0.0')).toBeUndefined()
    expect(await here.check('fe80::1%eth0')).toBeUndefined()
  })

  it('that would lock out whoever makes them are not made, unless they insist', async () => {
    const from = '192.0.2.7'
    const locked = { code: 'ip_rule_locks_you_out' }
    await expect(
      here.add({ action: 'deny', range: '192.0.2.0/24' }, { from }),
    ).rejects.toMatchObject(locked)
    await expect(
      here.add({ action: 'allow', range: '10.0.0.0/8', scope: 'admin' }, { from }),
    ).rejects.toMatchObject(locked)
    const lines = ['10.0.0.0/8', '192.0.2.0/24']
    const own = { action: 'deny', lines } as const
    await expect(here.import(own, { from })).rejects.toMatchObject(locked)
    expect((await here.list()).rules).toEqual([])
    const allowed = await here.add({ action: 'allow', range: from, scope: 'admin' }, { from })
    await here.add({ action: 'allow', range: '10.0.0.0/8', scope: 'admin' }, { from })
    await expect(here.remove(String(allowed.id), { from })).rejects.toMatchObject(locked)
    await here.remove(String(allowed.id), { from, force: true })
    expect(await mayReach(here, from, 'admin')).toBe(false)
    await here.add({ action: 'deny', range: '192.0.0.0/16', scope: 'admin' }, { from })
    await here.add({ action: 'deny', range: '192.0.2.0/24' }, { from, force: true })
    expect(await mayReach(here, from)).toBe(false)
  })

  it('leave a record of who changed what, and why', async () => {
    const heard: unknown[] = []
    const security = nodes[0]?.security
    const ends = (['ip_rule.added', 'ip_rule.removed', 'ip_rules.imported'] as const).map((name) =>
      security?.on(name, (event) => void heard.push([event.name, event.reason, event.payload])),
    )
    const { id } = await here.add({ action: 'allow', range: '::/0' }, { reason: 'all of them' })
    await here.remove(String(id), { reason: 'no longer' })
    await here.import({ action: 'deny', lines: ['10.0.0.1'] }, { reason: 'a list' })
    for (const end of ends) end?.()
    const rule = { ruleId: id, action: 'allow', range: '::/0', scope: 'all' }
    expect(heard).toEqual([
      ['ip_rule.added', 'all of them', { ...rule, renewed: false }],
      ['ip_rule.removed', 'no longer', rule],
      [
        'ip_rules.imported',
        'a list',
        { action: 'deny', scope: 'all', added: 1, renewed: 0, shortened: 0 },
      ],
    ])
  })
})

describe('a range in the options that is none', () => {
  it.each(['10.0.0', '10.0.0.0/33', 'loopback', 'fe80::1%eth0', '10.1.1.0x1'])(
    'stops the start: %s',
    async (range) => {
      const ipRules = { admin: [range] }
      await expect(createTestSecurity({ ipRules })).rejects.toMatchObject({
        code: 'invalid_configuration',
        message: expect.stringContaining('ipRules.admin[0]'),
      })
    },
  )
})
