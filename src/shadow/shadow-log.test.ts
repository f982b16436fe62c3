import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Exchange, newExchangeState } from '../http/index.ts'
import { silentLogger } from '../ports/index.ts'
import { TestClock } from '../testing/clock.ts'
import { createTestSecurity, type TestSecurity } from '../testing/index.ts'
import { RouteNames } from './route-names.ts'
import { ShadowLog } from './shadow-log.ts'
import { ShieldWatch } from './shield-watch.ts'

const canary = 'canary8f3a'
const dayMs = 86_400_000
let kit: TestSecurity
let log: ShadowLog

beforeAll(async () => {
  kit = await createTestSecurity()
})
afterAll(() => kit.close())
beforeEach(() => {
  log = freshLog()
})

function freshLog(): ShadowLog {
  const routes = new RouteNames()
  routes.learn(['/orders', '/orders/:id'])
  return new ShadowLog({ clock: kit.clock, logger: silentLogger, routes })
}

/** A request with a canary in everything that its sender wrote. */
function exchange(path = `/orders/${canary}`): Exchange {
  return {
    ...{ method: 'GET', path, query: `${canary}=${canary}`, headers: { cookie: canary } },
    ...{ peerAddress: '203.0.113.9', encrypted: false, requestId: 'r1', startedAt: 0 },
    state: newExchangeState(),
    readBody: () => Promise.reject(new Error('nobody reads')),
  }
}

const note = (rule: string, more: Partial<Parameters<ShadowLog['note']>[0]> = {}) =>
  log.note({ control: 'csrf', rule, enforced: false, exchange: exchange(), ...more })
const database = () => kit.security.parts.ground.database
const report = () => kit.security.shield.report()
const find = async (rule: string) => (await report()).refusals.filter((one) => one.rule === rule)

describe('what the shield counts', () => {
  it('is added up over nodes, rules and routes', async () => {
    const other = freshLog()
    for (let round = 0; round < 3; round++) note('adds_up')
    note('adds_up', { exchange: exchange('/orders') })
    note('adds_up', { enforced: true })
    other.note({ control: 'csrf', rule: 'adds_up', enforced: false, exchange: exchange() })
    await Promise.all([log.flush(database()), other.flush(database())])
    await log.flush(database())
    const lines = (await find('adds_up')).map(({ count, enforced, route }) => [
      ...[route, enforced, count],
    ])
    expect(lines.sort()).toEqual([
      ['GET /orders', false, 1],
      ['GET /orders/:id', false, 4],
      ['GET /orders/:id', true, 1],
    ])
  })

  it('keeps the last three examples', async () => {
    for (let round = 0; round < 5; round++) {
      kit.clock.advance(1_000)
      note('examples')
      await log.flush(database())
    }
    for (let round = 0; round < 5; round++) note('examples')
    await log.flush(database())
    const [line] = await find('examples')
    expect(line?.count).toBe(10)
    expect(line?.examples).toHaveLength(3)
    expect(line?.examples.at(-1)?.at).toBe(line?.lastAt)
  })

  it('holds nothing that was sent', async () => {
    note('canary', { field: 'query.q' })
    note('canary', { field: `query.${canary}` })
    note('canary', { field: `body.items.0.${'x'.repeat(500)}` })
    note('canary', { exchange: exchange(`/${canary}/${canary}`) })
    await log.flush(database())
    const rows = await database().reader.selectFrom('hf_shield_refusals').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain(canary)
    expect(JSON.stringify(await report())).not.toContain(canary)
    const fields = (await find('canary')).flatMap(({ examples }) =>
      examples.map((one) => one.field),
    )
    expect(fields).toEqual(
      expect.arrayContaining(['query.q', 'query.:name', 'body.items.:index.:name', undefined]),
    )
  })

  it('takes no more memory for 100,000 odd paths than for one', () => {
    for (let at = 0; at < 100_000; at++) note('odd', { exchange: exchange(`/o${at}/${at}?${at}`) })
    expect(log.size).toBe(1)
  })

  it('is bounded however many rules speak, and loses no count', async () => {
    for (let at = 0; at < 5_000; at++) note(`many_${at % 4_000}`)
    expect(log.size).toBeLessThanOrEqual(4_001)
    const routes = new RouteNames()
    routes.learn(Array.from({ length: 3_000 }, (_, at) => `/r${at}`))
    const own = new ShadowLog({ clock: kit.clock, logger: silentLogger, routes })
    for (let at = 0; at < 3_000; at++) {
      own.note({ control: 'size', rule: 'bound', enforced: false, exchange: exchange(`/r${at}`) })
    }
    expect(own.size).toBe(2_001)
    await own.flush(database())
    const { totals } = await report()
    expect(totals.find(({ control }) => control === 'size')?.count).toBe(3_000)
  })

  it('tells findings and the requests they were in', async () => {
    for (let round = 0; round < 2; round++) {
      const one = exchange()
      for (const rule of ['first', 'second', 'third'])
        note(rule, { control: 'detection', exchange: one })
      await log.flush(database())
    }
    note('first', { control: 'detection', enforced: true })
    await log.flush(database())
    const told = (await report()).totals.filter(({ control }) => control === 'detection')
    expect(told.map(({ count, enforced, requests }) => [enforced, count, requests])).toEqual([
      [false, 6, 2],
      [true, 1, 1],
    ])
  })

  it('waits while the database is away, and is written once it is back', async () => {
    note('outage')
    const away = { transaction: () => Promise.reject(new Error('away')) }
    await expect(log.flush({ ...database(), ...away })).rejects.toThrow('away')
    note('outage')
    await log.flush(database())
    expect((await find('outage')).map(({ count }) => count)).toEqual([2])
  })

  it('is written to the last when a node closes', async () => {
    note('closing')
    const early = log.flush(database())
    note('closing')
    await log.close(database())
    await early
    expect((await find('closing')).map(({ count }) => count)).toEqual([2])
  })

  it('is told by days, and forgotten after thirty', async () => {
    note('days')
    await log.flush(database())
    const clock = new TestClock(kit.clock.now())
    const { logger, shield: modes } = kit.security.config
    const parts = { database: database(), clock, logger, log, routes: new RouteNames(), modes }
    const watch = new ShieldWatch(parts)
    clock.advance(7 * dayMs)
    const told = async (days?: number) =>
      (await watch.report({ days })).refusals.some(({ rule }) => rule === 'days')
    expect([await told(), await told(7), await told(8)]).toEqual([false, false, true])
    const count = async () =>
      (
        await database()
          .reader.selectFrom('hf_shield_refusals')
          .select('rule')
          .where('rule', '=', 'days')
          .execute()
      ).length
    await watch.sweep()
    expect(await count()).toBe(1)
    clock.advance(23 * dayMs)
    await watch.sweep()
    expect(await count()).toBe(0)
  })
})
