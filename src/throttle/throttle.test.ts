import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase, type Trx } from '../database/index.ts'
import type { EventInput, Recorder } from '../events/index.ts'
import { silentLogger } from '../ports/index.ts'
import type { Guess, Reservation } from './lane.ts'
import { GuessRefusals } from './refusals.ts'
import { throttleMigrations } from './table.ts'
import { Throttle, type ThrottleRules } from './throttle.ts'

const userId = '01900000-0000-7000-8000-000000000001'
const hashKey = randomBytes(32)
const adaptive: ThrottleRules = {
  ...{ mode: 'adaptive', attempts: 5, durationMs: 900_000, guesses: 100 },
}
const strict: ThrottleRules = { ...adaptive, mode: 'strict' }
const device = 'd'.repeat(43)
const day = 24 * 60 * 60 * 1000

describeEngines('lanes of guesses', (engine) => {
  let clock = new ManualClock()
  let fresh: FreshDatabase
  let nodes: readonly [Database, Database]
  let recorded: EventInput<'guesses.refused'>[] = []
  const shared = { now: () => clock.now(), monotonic: () => clock.monotonic() }
  const clockOfAll = { ...shared, after: (ms: number, task: () => void) => clock.after(ms, task) }
  const recorder: Recorder = {
    record: async (_trx, event) => {
      recorded.push(event as unknown as EventInput<'guesses.refused'>)
    },
  }
  const refusals = () => new GuessRefusals({ clock: clockOfAll, hashKey, recorder })
  const gathered = refusals()
  const throttleOn = (database: Database, rules: ThrottleRules) =>
    new Throttle({ database, clock: clockOfAll, rules, hashKey, refusals: gathered })
  let throttle: Throttle
  let locking: Throttle

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () =>
      openDatabase({
        ...{ url: fresh.url, clock: clockOfAll, logger: silentLogger },
        ...{ poolSize: 10, waitMs: 25_000 },
      })
    nodes = [await open(), await open()]
    await new Migrator(nodes[0], throttleMigrations).up()
    throttle = throttleOn(nodes[0], adaptive)
    locking = throttleOn(nodes[0], strict)
  })
  afterAll(async () => {
    for (const node of nodes ?? []) await node.close()
    await fresh?.drop()
  })
  beforeEach(async () => {
    await gathered.flush(nodes[0])
    recorded = []
    clock = new ManualClock()
    await nodes[0].transaction((trx) => trx.deleteFrom('hf_guesses').execute())
  })

  const stranger = (change: Partial<Guess> = {}): Guess => {
    return { userId, name: 'ada@example.com', clientKey: 'a', deviceHash: undefined, ...change }
  }
  const reserve = async (guess: Guess, by = throttle) => by.reserve(await by.find(guess))
  const inTrx = <T>(work: (trx: Trx) => Promise<T>) => nodes[0].transaction(work)
  const wordOf = (given: Reservation) => (given.allowed ? 'allowed' : given.reason)

  /** One guess with its end. */
  const tryOne = async (guess: Guess, right: boolean, by = throttle): Promise<string> => {
    const given = await reserve(guess, by)
    if (given.allowed && right) await inTrx((trx) => by.succeed(trx, given))
    if (given.allowed && !right) await inTrx((trx) => by.fail(trx, given))
    return wordOf(given)
  }
  const tryMany = async (count: number, guess: Guess, by = throttle): Promise<string[]> => {
    const words = []
    for (let n = 0; n < count; n++) words.push(await tryOne(guess, false, by))
    return words
  }
  const failuresOf = async (guess: Guess) => (await throttle.find(guess)).failures
  const stateOf = (by = throttle) => by.stateOf(nodes[0].reader, userId)

  it('a burst is counted before it is evaluated: of 100 guesses at once on two nodes five pass', async () => {
    for (const rules of [adaptive, strict]) {
      const pair = nodes.map((node) => throttleOn(node, rules))
      for (let round = 0; round < 5; round++) {
        await inTrx((trx) => trx.deleteFrom('hf_guesses').execute())
        const given = await Promise.all(
          Array.from({ length: 100 }, async (_, n) => {
            const by = pair[n % 2] ?? throttle
            return reserve(stranger({ clientKey: `client ${n}` }), by)
          }),
        )
        expect(given.filter(({ allowed }) => allowed)).toHaveLength(5)
      }
    }
  }, 60_000)

  it('a known device has its own lane, and strangers close theirs alone', async () => {
    expect(await tryMany(7, stranger())).toEqual([
      ...Array(5).fill('allowed'),
      'throttled',
      'throttled',
    ])
    expect(await failuresOf(stranger({ deviceHash: device }))).toBe(0)
    expect(await tryOne(stranger({ deviceHash: device }), true)).toBe('allowed')
    expect(await tryOne(stranger(), true)).toBe('throttled')
  })

  it('a known device has 20 guesses in a row, then it is a stranger; a success begins anew', async () => {
    const known = stranger({ deviceHash: device })
    for (let n = 0; n < 20; n++) {
      clock = new ManualClock(clock.now() + 900_000)
      expect(await tryOne(known, false)).toBe('allowed')
    }
    expect((await throttle.find(known)).kind).toBe('strangers')
    clock = new ManualClock(clock.now() + 900_000)
    expect(await tryOne(known, true)).toBe('allowed')
    expect(await throttle.find(known)).toMatchObject({ kind: 'device', failures: 0 })
  })

  it('a success gives back its own guess and the failures of its client, and nobody else’s', async () => {
    await tryMany(2, stranger({ clientKey: 'attacker' }))
    await tryMany(2, stranger({ clientKey: 'owner' }))
    expect(await tryOne(stranger({ clientKey: 'owner' }), true)).toBe('allowed')
    expect(await stateOf()).toMatchObject({ failures: 2 })
    expect(await tryOne(stranger({ clientKey: 'owner' }), true)).toBe('allowed')
    expect(await stateOf()).toMatchObject({ failures: 2 })
    expect(await failuresOf(stranger())).toBe(2)
  })

  it('no number of successes refills what an attacker has spent', async () => {
    for (let n = 0; n < 20; n++) {
      clock = new ManualClock(clock.now() + 900_000)
      await tryOne(stranger({ clientKey: 'attacker' }), false)
      clock = new ManualClock(clock.now() + 900_000)
      await tryOne(stranger({ clientKey: 'owner' }), true)
    }
    expect(await stateOf()).toMatchObject({ failures: 20 })
  })

  it('strangers have 100 guesses, and not one more in a year; the known device goes on', async () => {
    let allowed = 0
    for (let n = 0; n < 120; n++) {
      clock = new ManualClock(clock.now() + 3 * day)
      if ((await tryOne(stranger({ clientKey: `${n}` }), false)) === 'allowed') allowed += 1
    }
    expect(allowed).toBe(100)
    expect(await stateOf()).toMatchObject({ failures: 100, exhausted: true })
    expect(await tryOne(stranger(), true)).toBe('exhausted')
    expect(await tryOne(stranger({ deviceHash: device }), true)).toBe('allowed')
    await inTrx((trx) => throttle.clear(trx, userId))
    expect(await stateOf()).toMatchObject({ failures: 0, exhausted: false, lastFailureAt: null })
    expect(await tryOne(stranger(), true)).toBe('allowed')
  })

  it('a name that nobody has is held back like an account, and its name is not stored', async () => {
    const nobody = stranger({ userId: undefined, name: 'ghost@example.com' })
    expect(await tryMany(6, nobody)).toEqual([...Array(5).fill('allowed'), 'throttled'])
    expect(await failuresOf(stranger())).toBe(0)
    const rows = await nodes[1].reader.selectFrom('hf_guesses').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('ghost')
    const kinds = rows.map(({ subject }) => subject.slice(0, 5)).sort()
    expect(kinds).toEqual(['name:', 'name:', 'typed', 'typed'])
  })

  it('a strict lock holds for the known device too, and ends by itself', async () => {
    expect(await tryMany(6, stranger(), locking)).toEqual([...Array(5).fill('allowed'), 'locked'])
    expect(await tryOne(stranger({ deviceHash: device }), true, locking)).toBe('locked')
    expect(await stateOf(locking)).toMatchObject({ lockedUntil: clock.now() + 900_000 })
    clock = new ManualClock(clock.now() + 900_000)
    expect(await stateOf(locking)).toMatchObject({ lockedUntil: null })
    expect(await tryOne(stranger({ deviceHash: device }), true, locking)).toBe('allowed')
    expect(await tryMany(6, stranger(), locking)).toEqual([...Array(5).fill('allowed'), 'locked'])
  })

  it('under a strict lock too a known device has 20 guesses in a row', async () => {
    const known = stranger({ deviceHash: device })
    for (let n = 0; n < 20; n++) {
      clock = new ManualClock(clock.now() + 900_000)
      expect(await tryOne(known, false, locking)).toBe('allowed')
    }
    expect((await locking.find(known)).kind).toBe('strangers')
    expect(await stateOf(locking)).toMatchObject({ failures: 0 })
  })

  it('the owner is told once a day, after ten failures of strangers', async () => {
    const told: boolean[] = []
    const failAfter = async (ms: number) => {
      clock = new ManualClock(clock.now() + ms)
      const given = await reserve(stranger())
      if (given.allowed) told.push(await inTrx((trx) => throttle.fail(trx, given)))
    }
    for (let n = 0; n < 12; n++) await failAfter(900_000)
    expect(told).toEqual([...Array(9).fill(false), true, false, false])
    for (let n = 0; n < 30; n++) await failAfter(60 * 60_000)
    expect(told.filter(Boolean)).toHaveLength(2)
  })

  it('somebody signed in proves the password in a lane of her own, 12 times in a row', async () => {
    const signedIn = { userId, sessionId: 'one' }
    await tryMany(9, stranger())
    let allowed = 0
    for (let n = 0; n < 25; n++) {
      clock = new ManualClock(clock.now() + 900_000)
      const given = await throttle.reserve(await throttle.findReauth(signedIn))
      if (given.allowed) allowed += 1
      if (given.allowed && n === 0) await inTrx((trx) => throttle.succeed(trx, given))
    }
    expect(allowed).toBe(13)
  })

  it('every refusal is on record with its reason, added up by account, lane and reason', async () => {
    await tryMany(8, stranger())
    await tryMany(6, stranger({ userId: undefined, name: 'ghost' }))
    throttle.noteChallenge(await throttle.find(stranger()))
    await gathered.flush(nodes[0])
    const payloads = recorded.map(({ payload }) => payload)
    expect(payloads).toEqual([
      expect.objectContaining({ userId, lane: 'strangers', cause: 'throttled', refusals: 3 }),
      expect.objectContaining({ lane: 'strangers', cause: 'throttled', refusals: 1 }),
      expect.objectContaining({ userId, lane: 'strangers', cause: 'challenge', refusals: 1 }),
    ])
    expect(payloads[1]).not.toHaveProperty('userId')
    await gathered.flush(nodes[0])
    expect(recorded).toHaveLength(3)
  })

  it('what is forgotten, and when, does not tell an account from a name that nobody has', async () => {
    const nobody = stranger({ userId: undefined, name: 'ghost@example.com' })
    for (let n = 0; n < 100; n++) {
      clock = new ManualClock(clock.now() + 900_000)
      for (const who of [stranger(), nobody]) {
        expect(await tryOne({ ...who, clientKey: `${n % 3}` }, false)).toBe('allowed')
      }
    }
    await tryOne(stranger({ deviceHash: device }), false)
    const last = clock.now()
    const words = []
    for (const days of [89, 91, 399, 401]) {
      clock = new ManualClock(last + days * day)
      await throttle.sweep()
      words.push([await reserve(stranger()), await reserve(nobody)].map(wordOf).join(' '))
    }
    expect(words).toEqual([...Array(3).fill('exhausted exhausted'), 'allowed allowed'])
    const rows = await nodes[1].reader.selectFrom('hf_guesses').selectAll().execute()
    expect(rows.map(({ guesses, lane }) => [lane, guesses])).toEqual([
      ...[
        ['strangers', 1],
        ['strangers', 1],
      ],
    ])
  })
})
