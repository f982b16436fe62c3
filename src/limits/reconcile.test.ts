import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { Limits } from './limits.ts'
import type { LimitPolicy } from './policy.ts'
import { SqlLimits } from './sql.ts'
import { limitMigrations } from './table.ts'

const general: LimitPolicy = { name: 'general', points: 100, windowMs: 900_000, store: 'memory' }
const hashKey = randomBytes(32)

describeEngines('limits in memory on two nodes', (engine) => {
  let clock: ManualClock
  let fresh: FreshDatabase
  let databases: Database[]

  beforeEach(async () => {
    clock = new ManualClock()
    fresh = await freshDatabase(engine)
    databases = []
  })

  afterEach(async () => {
    for (const database of databases) await database.close()
    await fresh.drop()
  })

  async function node(): Promise<Limits> {
    const database = await openDatabase({ url: fresh.url, clock, logger: silentLogger })
    databases.push(database)
    await new Migrator(database, limitMigrations).up()
    return new Limits({ clock, policies: [general], sql: new SqlLimits({ database, hashKey }) })
  }

  const use = async (limits: Limits, times: number, key = 'client') => {
    let passed = 0
    for (let i = 0; i < times; i++) if ((await limits.consume('general', key)).allowed) passed++
    return passed
  }

  it('count together from one reconciliation to the next', async () => {
    const [a, b] = [await node(), await node()]
    expect([await use(a, 60), await use(b, 20)]).toEqual([60, 20])
    await a.reconcile()
    await b.reconcile()
    expect(await use(b, 100)).toBe(20)
    await b.reconcile()
    expect(await use(a, 100)).toBe(40)
    await a.reconcile()
    expect(await use(a, 1)).toBe(0)
  })

  it('tell each point once, however often they reconcile', async () => {
    const [a, b] = [await node(), await node()]
    await use(a, 30)
    for (let i = 0; i < 3; i++) await a.reconcile()
    await use(b, 10)
    await b.reconcile()
    expect(await b.peek('general', 'client')).toMatchObject({ remaining: 60 })
  })

  it('tell each point once, also when two reconciliations are asked for at once', async () => {
    const a = await node()
    await use(a, 30)
    await Promise.all([a.reconcile(), a.reconcile()])
    expect(await a.peek('general', 'client')).toMatchObject({ remaining: 70 })
  })

  it('go on with what was told when a node starts again', async () => {
    const before = await node()
    await use(before, 90)
    await before.reconcile()
    const after = await node()
    await use(after, 10)
    await after.reconcile()
    expect(await use(after, 1)).toBe(0)
  })

  it('begin anew together when the window of all nodes has ended', async () => {
    const [a, b] = [await node(), await node()]
    await use(a, 100)
    await a.reconcile()
    await clock.advance(300_000)
    await use(b, 10)
    await b.reconcile()
    expect(await use(b, 1)).toBe(0)
    await clock.advance(600_000)
    expect([await use(a, 101), await use(b, 101)]).toEqual([100, 100])
  })

  it('leave alone what hardly counts, so that a flood of clients is not a flood of writes', async () => {
    const a = await node()
    for (let client = 0; client < 50; client++) await use(a, 9, `client ${client}`)
    await a.reconcile()
    const rows = await databases[0]?.reader.selectFrom('hf_limits').selectAll().execute()
    expect(rows).toEqual([])
  })

  it('tell every key in its turn, however many others are busy all the time', async () => {
    const [a, b] = [await node(), await node()]
    const decoys = Array.from({ length: 450 }, (_, n) => `decoy ${n}`)
    for (const decoy of decoys) await use(a, 60, decoy)
    await a.reconcile()
    await use(a, 70)
    for (let round = 0; round < 3; round++) {
      for (const decoy of decoys) await use(a, 1, decoy)
      await a.reconcile()
    }
    await use(b, 20)
    await b.reconcile()
    expect(await b.peek('general', 'client')).toMatchObject({ remaining: 10 })
  })

  it('keep what is used while a reconciliation is under way', async () => {
    const [a, b] = [await node(), await node()]
    await use(b, 50)
    await b.reconcile()
    await use(a, 20)
    const done = a.reconcile()
    await use(a, 5)
    await done
    expect(await a.peek('general', 'client')).toMatchObject({ remaining: 25 })
    await a.reconcile()
    await use(b, 1)
    await b.reconcile()
    expect(await b.peek('general', 'client')).toMatchObject({ remaining: 24 })
  })
})

describe('without a database', () => {
  it('limits in memory have nobody to tell', async () => {
    const limits = new Limits({ clock: new ManualClock(), policies: [general] })
    await limits.consume('general', 'client', 50)
    await expect(limits.reconcile()).resolves.toBeUndefined()
  })
})
