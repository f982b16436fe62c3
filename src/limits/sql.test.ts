import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { countsExactly, policy } from '../../test/limits/exact-contract.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import { SqlLimits } from './sql.ts'
import { limitMigrations } from './table.ts'

const hashKey = randomBytes(32)

describeEngines('limits in SQL', (engine) => {
  const clock = new ManualClock()
  let fresh: FreshDatabase
  let nodes: readonly [Database, Database]
  let limits: readonly [SqlLimits, SqlLimits]

  const open = () =>
    openDatabase({ url: fresh.url, clock, logger: silentLogger, poolSize: 10, waitMs: 25_000 })

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    nodes = [await open(), await open()]
    await new Migrator(nodes[0], limitMigrations).up()
    limits = [
      new SqlLimits({ database: nodes[0], hashKey }),
      new SqlLimits({ database: nodes[1], hashKey }),
    ]
  })

  afterAll(async () => {
    for (const node of nodes ?? []) await node.close()
    await fresh?.drop()
  })

  const clear = async () => {
    await nodes[0].transaction((trx) => trx.deleteFrom('hf_limits').execute())
  }

  countsExactly(() => ({ clock, limits, database: nodes[0], clear }))

  const take = (key: string, by = policy, points = 1) => limits[0].consume(by, key, points)
  const rows = () => nodes[1].reader.selectFrom('hf_limits').selectAll().execute()

  it('what was counted a process that starts anew sees', async () => {
    await take('a', policy, 5)
    const restarted = await open()
    const later = new SqlLimits({ database: restarted, hashKey })
    expect((await later.consume(policy, 'a', 1)).allowed).toBe(false)
    await restarted.close()
  })

  it('no key can be read in the table', async () => {
    const key = '203.0.113.9 alice@example.com'
    await take(key)
    const [row] = await rows()
    expect(row?.id).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify(row)).not.toMatch(/203\.0\.113|alice|auth/)
    const foreign = new SqlLimits({ database: nodes[0], hashKey: randomBytes(32) })
    expect((await foreign.peek(policy, key)).remaining).toBe(5)
  })

  it('a window written by a clock that ran far ahead does not hold its key for ever', async () => {
    await take('a', policy, 5)
    const ends_at = clock.now() + 30 * 86_400_000
    await nodes[0].transaction((trx) => trx.updateTable('hf_limits').set({ ends_at }).execute())
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 4, resetSeconds: 900 })
  })

  it('a clock 90 seconds ahead on another node gives nobody a second window', async () => {
    await take('a', policy, 5)
    const ends_at = clock.now() + 990_000
    await nodes[0].transaction((trx) => trx.updateTable('hf_limits').set({ ends_at }).execute())
    expect((await take('a')).allowed).toBe(false)
  })

  it('ended windows are swept in portions, living ones stay', async () => {
    for (let index = 0; index < 7; index += 1) await take(`old${index}`)
    await clock.advance(900_000)
    await take('living')
    const sweep = (limit: number) =>
      nodes[0].transaction((trx) => limits[0].sweep(trx, clock.now(), limit))
    expect([await sweep(5), await sweep(5), await sweep(5)]).toEqual([5, 2, 0])
    expect(await rows()).toHaveLength(1)
    expect((await take('living')).remaining).toBe(3)
  })

  it('all ended windows are swept at once, unless the sweep is told to stop', async () => {
    const id = (index: number) => `${index}`.padStart(64, '0')
    const ended = Array.from({ length: 1_200 }, (_, index) => id(index))
    for (let at = 0; at < ended.length; at += 100) {
      const part = ended.slice(at, at + 100)
      const old = part.map((id) => ({ id, used: 1, ends_at: clock.now(), blocked: 0 }))
      await nodes[0].transaction((trx) => trx.insertInto('hf_limits').values(old).execute())
    }
    await take('living')
    await limits[0].sweepAll(AbortSignal.abort())
    expect(await rows()).toHaveLength(1_201)
    await limits[0].sweepAll()
    expect(await rows()).toHaveLength(1)
  })

  it('two sweepers and a crowd of callers do not stop each other', async () => {
    for (let index = 0; index < 40; index += 1) await take(`old${index}`)
    await clock.advance(900_000)
    const sweeps = nodes.map((node) =>
      node.transaction((trx) => limits[0].sweep(trx, clock.now(), 500)),
    )
    const crowd = Array.from({ length: 40 }, (_, i) => take(`old${i}`))
    const verdicts = await Promise.all(crowd)
    await Promise.all(sweeps)
    expect(verdicts.every(({ allowed, remaining }) => allowed && remaining === 4)).toBe(true)
    expect((await rows()).length).toBe(40)
  })
})
