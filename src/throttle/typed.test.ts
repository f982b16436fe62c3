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
import type { Guess } from './lane.ts'
import { GuessRefusals } from './refusals.ts'
import { throttleMigrations } from './table.ts'
import { Throttle, type ThrottleRules } from './throttle.ts'

const userId = '01900000-0000-7000-8000-000000000001'
const hashKey = randomBytes(32)
const day = 24 * 60 * 60 * 1000
const device = 'd'.repeat(43)
const modes = ['adaptive', 'strict'] as const

const address: Guess = {
  ...{ userId, name: 'ada@example.com', clientKey: 'a', deviceHash: undefined },
}
const username: Guess = { ...address, name: 'ada_l' }
const nobody: Guess = { ...address, userId: undefined, name: 'ghost_l' }

describeEngines('failures at a typed name', (engine) => {
  let clock = new ManualClock()
  let fresh: FreshDatabase
  let database: Database
  let throttle: Throttle
  const clockOfAll = {
    ...{ now: () => clock.now(), monotonic: () => clock.monotonic() },
    after: (ms: number, task: () => void) => clock.after(ms, task),
  }
  const open = (mode: ThrottleRules['mode']) => {
    const recorder = { record: async () => {} }
    const refusals = new GuessRefusals({ clock: clockOfAll, hashKey, recorder })
    const rules = { mode, attempts: 5, durationMs: 900_000, guesses: 100 }
    return new Throttle({ database, clock: clockOfAll, rules, hashKey, refusals })
  }
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const ports = { clock: clockOfAll, logger: silentLogger }
    database = await openDatabase({ url: fresh.url, ...ports, poolSize: 10, waitMs: 25_000 })
    await new Migrator(database, throttleMigrations).up()
  })
  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    clock = new ManualClock()
    throttle = open('adaptive')
    await inTrx((trx) => trx.deleteFrom('hf_guesses').execute())
  })

  const inTrx = <T>(work: (trx: Trx) => Promise<T>) => database.transaction(work)
  const seen = async (guess: Guess) => (await throttle.find(guess)).failures
  const rows = () => database.reader.selectFrom('hf_guesses').selectAll().execute()
  /** One guess to its end; whether it was evaluated. */
  const tryOne = async (guess: Guess, right = false): Promise<boolean> => {
    const given = await throttle.reserve(await throttle.find(guess))
    if (!given.allowed) return false
    await inTrx<unknown>((trx) =>
      right ? throttle.succeed(trx, given) : throttle.fail(trx, given),
    )
    return true
  }
  const tryMany = async (count: number, guess: Guess) => {
    let evaluated = 0
    for (let n = 0; n < count; n++) {
      if (await tryOne({ ...guess, clientKey: `client ${n}` })) evaluated += 1
    }
    return evaluated
  }

  it.each(modes)('those at the address do not show at the username, nor back: %s', async (mode) => {
    throttle = open(mode)
    await tryMany(3, address)
    expect([await seen(address), await seen(username)]).toEqual([3, 0])
    await tryMany(1, username)
    expect([await seen(address), await seen(username)]).toEqual([3, 1])
  })

  it.each(modes)('a try that is held back counts like any, known or not: %s', async (mode) => {
    throttle = open(mode)
    expect(await tryMany(12, address)).toBe(5)
    expect([await tryMany(4, username), await tryMany(4, nobody)]).toEqual([0, 4])
    expect([await seen(username), await seen(nobody)]).toEqual([4, 4])
  })

  it('a success takes back what its client got wrong at this name, and nothing else', async () => {
    await tryOne({ ...address, clientKey: 'attacker' })
    for (const guess of [address, address, username]) await tryOne(guess)
    clock = new ManualClock(clock.now() + 60_000)
    expect(await tryOne(address, true)).toBe(true)
    expect([await seen(address), await seen(username)]).toEqual([1, 1])
    expect(await tryOne(username, true)).toBe(true)
    expect([await seen(address), await seen(username)]).toEqual([1, 0])
  })

  it('a reset opens the lanes; what strangers see of either name stays as it was', async () => {
    await tryMany(12, address)
    await tryMany(4, username)
    await inTrx((trx) => throttle.clear(trx, userId))
    expect([await seen(address), await seen(username)]).toEqual([12, 4])
    expect(await tryOne(address, true)).toBe(true)
  })

  it('a known device is asked by its own failures, and strangers by none of them', async () => {
    const known = { ...address, deviceHash: device }
    await tryMany(4, address)
    expect(await seen(known)).toBe(0)
    await tryOne(known)
    expect([await seen(known), await seen(address), await seen(username)]).toEqual([1, 4, 0])
  })

  it('a day without any forgets them, and the job their row; their name is not stored', async () => {
    for (const guess of [address, nobody]) await tryMany(2, guess)
    const typed = async () => (await rows()).filter(({ subject }) => subject.startsWith('typed:'))
    expect((await typed()).filter(({ lane }) => lane === 'typed')).toHaveLength(2)
    expect(JSON.stringify(await rows())).not.toMatch(/ada@|ghost/)
    clock = new ManualClock(clock.now() + day - 1)
    await throttle.sweep()
    expect([await seen(address), await seen(nobody)]).toEqual([2, 2])
    clock = new ManualClock(clock.now() + 1)
    expect([await seen(address), await seen(nobody)]).toEqual([0, 0])
    await tryOne(address)
    expect(await seen(address)).toBe(1)
    clock = new ManualClock(clock.now() + 1)
    await throttle.sweep()
    expect((await typed()).map(({ guesses, lane }) => [lane.slice(0, 5), guesses]).sort()).toEqual([
      ...[
        ['from:', 1],
        ['typed', 1],
      ],
    ])
    const others = (await rows()).length - 2
    expect(others).toBeGreaterThan(0)
  })

  it('of many tries at once each is counted', async () => {
    for (let round = 0; round < 5; round++) {
      const guess = { ...nobody, name: `ghost ${round}` }
      const all = Array.from({ length: 60 }, (_, n) => tryOne({ ...guess, clientKey: `${n % 2}` }))
      expect((await Promise.all(all)).filter(Boolean)).toHaveLength(5)
      expect(await seen(guess)).toBe(60)
    }
  }, 60_000)
})
