import { createSecretKey } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { cspMigrations } from './index.ts'
import { dayMs, ReportTally, type RoutedViolation } from './report-tally.ts'
import { senderOf } from './sender.ts'
import {
  addToReports,
  type CspFact,
  countReportRows,
  deleteReports,
  insertReports,
  sumReports,
  totalReports,
} from './store.ts'

const violation: RoutedViolation = {
  ...{ disposition: 'enforce', directive: 'img-src', blocked: 'https://a.example' },
  ...{ source: '', route: '/a' },
}

describeEngines('reports in the database', (engine) => {
  const clock = new ManualClock()
  let fresh: FreshDatabase
  let database: Database

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openDatabase({ url: fresh.url, clock, logger: silentLogger, waitMs: 25_000 })
    await new Migrator(database, cspMigrations).up()
  })
  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })
  beforeEach(() => database.transaction((trx) => trx.deleteFrom('hf_csp_reports').execute()))

  const key = createSecretKey(Buffer.alloc(32, 7))
  const mark = (client: string, day: number) => senderOf(key, client, day)
  const newTally = (mayAdd = (_client: string) => true) =>
    new ReportTally({ clock, mayAdd, senderOf: mark })
  const today = () => clock.now() - (clock.now() % dayMs)
  const sum = () => sumReports(database.reader, 0, 10_000)
  const fact = (day: number, blocked: string): CspFact => {
    return { ...violation, id: `${day} ${blocked}`, day, blocked }
  }

  it('every store function keeps its word', async () => {
    const [one, two] = [fact(0, 'https://one.example'), fact(dayMs, 'https://one.example')]
    const more = { reports: 3, clients: 2, firstAt: 10, lastAt: 20 }
    await database.transaction(async (trx) => {
      expect(await addToReports(trx, one.id, more)).toBe(false)
      await insertReports(trx, one, more)
      await insertReports(trx, one, { ...more, firstAt: 15, lastAt: 30 })
      expect(await addToReports(trx, one.id, { ...more, lastAt: 40 })).toBe(true)
      await insertReports(trx, two, { reports: 1, clients: 1, firstAt: 50, lastAt: 50 })
      await insertReports(trx, fact(dayMs, 'inline'), { ...more, reports: 1_000 })
    })
    const { reader } = database
    expect(await countReportRows(reader, dayMs, 'img-src')).toBe(2)
    expect(await countReportRows(reader, dayMs, 'font-src')).toBe(0)
    expect(await totalReports(reader, 0)).toBe(1_010)
    expect(await totalReports(reader, 2 * dayMs)).toBe(0)
    expect(await sumReports(reader, 0, 10)).toMatchObject([
      { blocked: 'inline', reports: 1_000, days: 1 },
      { blocked: 'https://one.example', reports: 10, clients: 7, days: 2, firstAt: 10, lastAt: 50 },
    ])
    expect(await sumReports(reader, dayMs, 1)).toHaveLength(1)
    await database.transaction(async (trx) => {
      expect(await deleteReports(trx, dayMs, 10)).toBe(1)
      expect(await deleteReports(trx, 9 * dayMs, 1)).toBe(1)
      expect(await deleteReports(trx, 9 * dayMs, 10)).toBe(1)
      expect(await deleteReports(trx, 9 * dayMs, 10)).toBe(0)
    })
  })

  it('of two nodes at once are added up', async () => {
    const nodes = [newTally(), newTally()]
    for (let round = 0; round < 20; round += 1) {
      for (const node of nodes) node.note(violation, 'client')
      await Promise.all(nodes.map((node) => node.flush(database)))
    }
    expect(await sum()).toMatchObject([{ reports: 40, clients: 2, days: 1 }])
  })

  it.each([
    ['one client, on two nodes', '203.0.113.9', '203.0.113.9', false],
    ['two networks of one customer', '2001:db8:7:1::/64', '2001:db8:7:2::/64', false],
    ['two clients, each on a node of its own', '203.0.113.9', '203.0.113.10', true],
    ['two customers', '2001:db8:7:1::/64', '2001:db8:8:1::/64', true],
  ])('of %s come from several or not', async (_, first, second, bySeveral) => {
    for (const client of [first, second, first]) {
      const node = newTally()
      node.note(violation, client)
      await node.flush(database)
    }
    await clock.advance(dayMs)
    const restarted = newTally()
    restarted.note(violation, first)
    await restarted.flush(database)
    expect(await sum()).toMatchObject([{ bySeveral, reports: 4, days: 2 }])
  })

  it('of two clients on one node come from several, and of a row that knows nobody from one', async () => {
    const old = { ...fact(0, violation.blocked), sender: null }
    const counts = { reports: 9, clients: 9, first_at: 0, last_at: 0 }
    await database.transaction((trx) =>
      trx
        .insertInto('hf_csp_reports')
        .values({ ...old, ...counts })
        .execute(),
    )
    expect(await sum()).toMatchObject([{ bySeveral: false }])
    const node = newTally()
    for (const client of ['203.0.113.9', '203.0.113.10']) node.note(violation, client)
    await node.flush(database)
    expect(await sum()).toMatchObject([{ bySeveral: true }])
  })

  it('made up by a flood take a bounded number of rows a day, and none is lost', async () => {
    const tally = newTally()
    for (let at = 0; at < 600; at += 1) {
      const blocked = `https://made-up-${at}.example`
      tally.note({ ...violation, blocked }, `client ${at}`)
      if (at % 200 === 199) await tally.flush(database)
    }
    expect(await countReportRows(database.reader, today(), 'img-src')).toBe(251)
    expect(await totalReports(database.reader, 0)).toBe(600)
    expect((await sum()).find(({ blocked }) => blocked === '(other)')).toMatchObject({
      directive: 'img-src',
      route: '(other routes)',
    })
  })

  it('about one directive leave the room of every other', async () => {
    const tally = newTally()
    for (let at = 0; at < 300; at += 1) {
      tally.note({ ...violation, blocked: `https://made-up-${at}.example` }, `client ${at}`)
    }
    await tally.flush(database)
    tally.note({ ...violation, directive: 'font-src' }, 'visitor')
    await newTally().flush(database)
    await tally.flush(database)
    expect((await sum()).find(({ directive }) => directive === 'font-src')).toMatchObject({
      blocked: violation.blocked,
    })
  })

  it('of a client that has named too much are added up, on every node', async () => {
    const named = new Map<string, number>()
    const mayAdd = (client: string) => {
      named.set(client, (named.get(client) ?? 0) + 1)
      return (named.get(client) ?? 0) <= 3
    }
    const nodes = [newTally(mayAdd), newTally(mayAdd)]
    for (let at = 0; at < 10; at += 1) {
      const more = { ...violation, blocked: `https://made-up-${at}.example` }
      for (const node of nodes) node.note(more, 'client')
    }
    for (const node of nodes) {
      node.note({ ...violation, blocked: 'https://made-up-0.example' }, 'client')
      node.note(violation, 'visitor')
      await node.flush(database)
    }
    const found = (await sum()).map(({ blocked, clients, reports }) => [blocked, reports, clients])
    expect(found).toEqual([
      ['(other)', 17, 0],
      ['https://made-up-0.example', 4, 2],
      ['https://a.example', 2, 2],
      ['https://made-up-1.example', 1, 1],
    ])
  })

  it('that cannot be written wait for the next time', async () => {
    const tally = newTally()
    tally.note(violation, 'client')
    const broken = { ...database, transaction: () => Promise.reject(new Error('away')) }
    await expect(tally.flush(broken as unknown as Database)).rejects.toThrow('away')
    await tally.flush(database)
    expect(await sum()).toMatchObject([{ reports: 1, clients: 1 }])
  })

  it('end after thirty days', async () => {
    const { CspReports } = await import('./csp-reports.ts')
    const reports = new CspReports({ database, clock } as never)
    await database.transaction(async (trx) => {
      const more = { reports: 1, clients: 1, firstAt: 0, lastAt: 0 }
      await insertReports(trx, fact(today() - 29 * dayMs, 'kept'), more)
      await insertReports(trx, fact(today() - 30 * dayMs, 'gone'), more)
    })
    await reports.sweep()
    expect((await sum()).map(({ blocked }) => blocked)).toEqual(['kept'])
  })
})
