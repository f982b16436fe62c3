import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase, type Trx } from '../database/index.ts'
import { silentLogger } from '../ports/index.ts'
import type { ReauthGuess } from './lane.ts'
import { GuessRefusals } from './refusals.ts'
import { throttleMigrations } from './table.ts'
import { Throttle } from './throttle.ts'

const userId = '01900000-0000-7000-8000-000000000001'
const hashKey = randomBytes(32)
const minute = 60_000

describeEngines('proofs of the password by sessions', (engine) => {
  let clock = new ManualClock()
  let fresh: FreshDatabase
  let nodes: readonly [Database, Database]
  let pair: readonly [Throttle, Throttle]
  const clockOfAll = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms: number, task: () => void) => clock.after(ms, task),
  }
  const throttleOn = (database: Database) =>
    new Throttle({
      ...{ database, hashKey, clock: clockOfAll },
      rules: { mode: 'adaptive', attempts: 5, durationMs: 15 * minute, guesses: 100 },
      refusals: new GuessRefusals({
        ...{ hashKey, clock: clockOfAll, recorder: { record: async () => undefined } },
      }),
    })

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () =>
      openDatabase({
        ...{ url: fresh.url, clock: clockOfAll, logger: silentLogger },
        ...{ poolSize: 10, waitMs: 25_000 },
      })
    nodes = [await open(), await open()]
    await new Migrator(nodes[0], throttleMigrations).up()
    pair = [throttleOn(nodes[0]), throttleOn(nodes[1])]
  })
  afterAll(async () => {
    for (const node of nodes ?? []) await node.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    clock = new ManualClock()
    await nodes[0].transaction((trx) => trx.deleteFrom('hf_guesses').execute())
  })

  type From = Omit<ReauthGuess, 'userId'>
  const reserve = async (from: From, by = pair[0]) =>
    by.reserve(await by.findReauth({ userId, ...from }))
  const inTrx = <T>(work: (trx: Trx) => Promise<T>) => nodes[0].transaction(work)
  const rest = () => {
    clock = new ManualClock(clock.now() + 15 * minute)
  }
  /** One try with its end; whether it was looked at. */
  const tryOnce = async (from: From, right = false): Promise<boolean> => {
    rest()
    const given = await reserve(from)
    if (!given.allowed) return false
    await inTrx(async (trx) => {
      if (right) await pair[0].succeed(trx, given)
      else await pair[0].fail(trx, given)
    })
    return true
  }
  /** How many of wrong ones, one after the other, are looked at. */
  const looked = async (from: From, tries = 25): Promise<number> => {
    let count = 0
    for (let turn = 0; turn < tries; turn++) if (await tryOnce(from)) count += 1
    return count
  }
  const spentBy = async (sessions: readonly From[]): Promise<number> => {
    let all = 0
    for (const from of sessions) all += await looked(from)
    return all
  }
  const copies = (count: number, of: Partial<From> = {}) =>
    Array.from({ length: count }, (_, n) => ({ sessionId: `thief ${n}`, ...of }))
  const own = { sessionId: 'own', deviceHash: 'own device' }

  it('rule 11: sessions without a known device have 60 wrong ones together, and close no known device', async () => {
    expect(await spentBy(copies(7))).toBe(60)
    expect(await tryOnce({ sessionId: 'own' }, true)).toBe(false)
    expect(await tryOnce(own, true)).toBe(true)
    expect(await looked(own)).toBe(20)
  })

  it('rule 11: who copied one browser whole, with all sessions it ever had, closes no other device', async () => {
    const whole = copies(9, { deviceHash: 'copied' })
    const shown = await spentBy(whole)
    const hidden = await spentBy(
      whole.map(({ sessionId }) => ({ sessionId: `${sessionId}, bare` })),
    )
    expect([shown, hidden]).toEqual([60, 0])
    expect(await tryOnce(own, true)).toBe(true)
    expect(await tryOnce({ sessionId: 'own', deviceHash: 'copied' }, true)).toBe(false)
  })

  it('rule 13: nobody gets more than a hundred wrong ones, whatever sessions and devices they copied', async () => {
    const devices = Array.from({ length: 8 }, (_, n) => copies(2, { deviceHash: `device ${n}` }))
    expect(await spentBy([...copies(7), ...devices.flat()])).toBe(100)
    expect(await tryOnce(own, true)).toBe(false)
    await inTrx((trx) => pair[0].clear(trx, userId))
    expect(await tryOnce(own, true)).toBe(true)
  })

  it('rule 13: the owner’s successes refill no copy of her device: still a hundred wrong ones', async () => {
    let wrong = 0
    for (let turn = 0; turn < 30; turn++) {
      const thief = { sessionId: 'thief', deviceHash: own.deviceHash }
      wrong += await looked(thief, 8)
      await tryOnce(own, true)
    }
    expect(wrong).toBe(100)
  })

  it('rule 13: a success takes back what its own session got wrong, from its device or without', async () => {
    for (const from of [own, { sessionId: 'bare' }]) {
      for (let turn = 0; turn < 12; turn++) {
        expect(await looked(from, 9)).toBe(9)
        expect(await tryOnce(from, true)).toBe(true)
      }
    }
    const rows = await nodes[1].reader.selectFrom('hf_guesses').selectAll().execute()
    expect(rows).toEqual([])
  })

  it('rule 12: a burst from many sessions and devices on two nodes does not outrun what they share', async () => {
    expect(await spentBy(copies(5))).toBe(60)
    expect(await spentBy([{ sessionId: 'on a', deviceHash: 'a' }])).toBe(20)
    rest()
    const burst = await Promise.all(
      Array.from({ length: 60 }, (_, n) => {
        const from = { sessionId: `burst ${n}`, deviceHash: `device ${n % 15}` }
        return reserve(n % 3 === 0 ? { sessionId: from.sessionId } : from, pair[n % 2])
      }),
    )
    expect(burst.filter(({ allowed }) => allowed)).toHaveLength(20)
  }, 60_000)

  it('a proof that was not evaluated is given back, to its lane and to what all share', async () => {
    for (let turn = 0; turn < 130; turn++) {
      const given = await reserve(own)
      if (!given.allowed) throw new Error('refused')
      await inTrx((trx) => pair[0].release(trx, given))
    }
    const rows = await nodes[1].reader.selectFrom('hf_guesses').selectAll().execute()
    expect(rows).toEqual([])
  })
})
