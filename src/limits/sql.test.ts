import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import type { LimitPolicy } from './policy.ts'
import { SqlLimits } from './sql.ts'
import { limitMigrations } from './table.ts'

const policy: LimitPolicy = { name: 'auth', points: 5, windowMs: 900_000, store: 'sql' }
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

  beforeEach(() => nodes[0].transaction((trx) => trx.deleteFrom('hf_limits').execute()))

  const take = (key: string, by = policy, points = 1) => limits[0].consume(by, key, points)
  const rows = () => nodes[1].reader.selectFrom('hf_limits').selectAll().execute()
  const refund = (key: string, points: number, endsAt: number, by = policy) =>
    nodes[0].transaction((trx) => limits[0].refund(trx, by, { key, points, endsAt }))

  /** All at once, every other on the second node. */
  const race = async (callers: number, by: LimitPolicy, key: string) => {
    const all = Array.from({ length: callers }, (_, i) =>
      (limits[i % 2] as SqlLimits).consume(by, key, 1),
    )
    return (await Promise.all(all)).filter(({ allowed }) => allowed).length
  }

  describe('of 500 callers at once', () => {
    it.each([1, 2])('exactly five pass where no row was, round %i', async (round) => {
      expect(await race(500, policy, `absent${round}`)).toBe(5)
    })

    it('exactly five pass where a window has ended', async () => {
      for (let use = 0; use < 5; use += 1) await take('ended')
      await clock.advance(900_000)
      expect(await race(500, policy, 'ended')).toBe(5)
      expect(await rows()).toMatchObject([{ used: 5, ends_at: clock.now() + 900_000 }])
    })

    it('the rest passes where some points are gone', async () => {
      await take('some', policy, 3)
      expect(await race(500, policy, 'some')).toBe(2)
    })

    it('exactly five pass where the sixth begins a block', async () => {
      const blocking = { ...policy, name: 'blocking', blockMs: 3_600_000 }
      expect(await race(500, blocking, 'a')).toBe(5)
      expect((await take('a', blocking)).allowed).toBe(false)
    })

    it('of which each refunds, all that are allowed count up to the limit', async () => {
      const work = Array.from({ length: 100 }, async (_, i) => {
        const verdict = await (limits[i % 2] as SqlLimits).consume(policy, 'refunded', 1)
        if (verdict.allowed) await refund('refunded', 1, verdict.endsAt)
      })
      await Promise.all(work)
      expect(await rows()).toMatchObject([{ used: 0 }])
    })
  })

  it('what one node counts the other sees, and so does a process that starts anew', async () => {
    await take('a', policy, 5)
    expect((await limits[1].consume(policy, 'a', 1)).allowed).toBe(false)
    const restarted = await open()
    const later = new SqlLimits({ database: restarted, hashKey })
    expect((await later.consume(policy, 'a', 1)).allowed).toBe(false)
    await restarted.close()
  })

  it('a verdict tells what is left and when the window ends', async () => {
    expect(await take('a')).toMatchObject({
      ...{ allowed: true, policy: 'auth', limit: 5, remaining: 4 },
      ...{ resetSeconds: 900, windowSeconds: 900 },
    })
    await clock.advance(300_000)
    expect(await take('a', policy, 4)).toMatchObject({ remaining: 0, resetSeconds: 600 })
    expect(await take('a')).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 600 })
    await clock.advance(599_999)
    expect(await take('a')).toMatchObject({ allowed: false, resetSeconds: 1 })
    await clock.advance(1)
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 4, resetSeconds: 900 })
  })

  it('nothing is counted that is refused', async () => {
    await take('a', policy, 3)
    expect((await take('a', policy, 3)).allowed).toBe(false)
    expect((await take('a', policy, 2)).allowed).toBe(true)
    expect((await take('b', policy, 6)).allowed).toBe(false)
    expect((await take('b', policy, 5)).allowed).toBe(true)
  })

  it('peek changes nothing', async () => {
    expect(await limits[0].peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
    expect(await rows()).toEqual([])
    await take('a', policy, 5)
    expect(await limits[0].peek(policy, 'a')).toMatchObject({ allowed: false, remaining: 0 })
    await clock.advance(900_000)
    expect(await limits[0].peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
  })

  it('a refund reaches the window it was taken from and no later one', async () => {
    const first = await take('a', policy, 5)
    await refund('a', 1, first.endsAt)
    expect((await take('a')).allowed).toBe(true)
    await clock.advance(900_000)
    const second = await take('a', policy, 5)
    await refund('a', 5, first.endsAt)
    expect((await take('a')).allowed).toBe(false)
    await refund('a', 6, second.endsAt)
    expect((await take('a')).allowed).toBe(false)
  })

  it('a refund falls with the transaction it stands in', async () => {
    const { endsAt } = await take('a', policy, 5)
    const failing = nodes[0].transaction(async (trx) => {
      await limits[0].refund(trx, policy, { key: 'a', points: 1, endsAt })
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect((await take('a')).allowed).toBe(false)
  })

  it('a block begins once, outlasts its window, is not lifted by a refund, and ends', async () => {
    const blocking = { ...policy, blockMs: 3_600_000 }
    const { endsAt } = await take('a', blocking, 5)
    expect(await take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 3_600 })
    await clock.advance(1_800_000)
    await refund('a', 5, endsAt, blocking)
    expect(await take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 1_800 })
    await clock.advance(1_800_000)
    expect(await take('a', blocking)).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('reset forgets one key of one policy', async () => {
    const other = { ...policy, name: 'other' }
    for (const by of [policy, other]) await take('a', by, 5)
    await limits[0].reset(policy, 'a')
    expect((await take('a')).allowed).toBe(true)
    expect((await take('a', other)).allowed).toBe(false)
  })

  it('no key can be read in the table', async () => {
    const key = '203.0.113.9 alice@example.com'
    await take(key)
    const [row] = await rows()
    expect(row?.id).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify(row)).not.toMatch(/203|alice|auth/)
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
