import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Clock, type Logger, silentLogger, systemClock } from '../ports/index.ts'
import { ClockCheck, type Database, openDatabase } from './index.ts'

interface Line {
  readonly message: string
  readonly aheadMs: unknown
}

/** The clock of the machine, moved; its monotonic part goes on when told. */
function movedClock(offsetMs: number) {
  const moved = {
    offsetMs,
    passedMs: 0,
    now: () => Date.now() + moved.offsetMs,
    monotonic: () => performance.now() + moved.passedMs,
    after: systemClock.after,
  }
  return moved satisfies Clock
}

function loggerInto(lines: Line[]): Logger {
  const write = (message: string, fields?: Readonly<Record<string, unknown>>) =>
    void lines.push({ message, aheadMs: fields?.aheadMs })
  return { ...silentLogger, error: write, info: write }
}

describeEngines('the clock of a node', (engine) => {
  let fresh: FreshDatabase
  let database: Database
  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openDatabase({ url: fresh.url, clock: systemClock, logger: silentLogger })
  })
  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })
  const check = (clock: Clock, logger = silentLogger) => new ClockCheck({ database, clock, logger })
  const onServer = engine !== 'sqlite'

  it.each([
    [0, true],
    [12_000, true],
    [-12_000, true],
    [18_000, !onServer],
    [-18_000, !onServer],
    [3_600_000, !onServer],
  ])('that is %i ms from that of the database is right: %s', async (offsetMs, right) => {
    expect(await check(movedClock(offsetMs)).isRight()).toBe(right)
  })

  it('that tests move by themselves is not compared', async () => {
    expect(await check({ ...movedClock(3_600_000), simulated: true }).isRight()).toBe(true)
  })

  it('is told of once when it is off, with the difference, and once when it is right again', async () => {
    const lines: Line[] = []
    const clock = movedClock(-60_000)
    const clocks = check(clock, loggerInto(lines))
    const answers = []
    for (const offsetMs of [-60_000, -61_000, 0, 0, 60_000]) {
      clock.offsetMs = offsetMs
      clock.passedMs += 5_000
      answers.push(await clocks.isRight())
    }
    if (!onServer) return expect([answers.every(Boolean), lines]).toEqual([true, []])
    expect(answers).toEqual([false, false, true, true, false])
    expect(lines.map(({ message }) => message)).toEqual([
      'The clock of this node is off from that of its database: it is not ready',
      'The clock of this node is right again',
      'The clock of this node is off from that of its database: it is not ready',
    ])
    const seconds = lines.map(({ aheadMs }) => Math.round(Number(aheadMs) / 10_000) * 10)
    expect(seconds.map((one) => one + 0)).toEqual([-60, 0, 60])
  })
})

describe('the time of the server', () => {
  const slow = (ms: number, rest: Partial<Pick<Database, 'serverNow'>> = {}) => {
    const clock = { ...systemClock, time: 0, now: () => clock.time, monotonic: () => clock.time }
    let asked = 0
    const serverNow = async () => {
      asked += 1
      clock.time += ms / 2
      const now = clock.time
      clock.time += ms / 2
      return now
    }
    const database = { dialect: 'postgres', serverNow, ...rest } as const
    const check = new ClockCheck({ database, clock, logger: silentLogger })
    return { check, clock, asked: () => asked }
  }

  it('is asked for at most every five seconds, by many at once too', async () => {
    const { asked, check, clock } = slow(2)
    await Promise.all(Array.from({ length: 20 }, () => check.isRight()))
    expect(asked()).toBe(1)
    clock.time += 4_999
    await check.isRight()
    expect(asked()).toBe(1)
    clock.time += 1
    await check.isRight()
    expect(asked()).toBe(2)
  })

  it('is taken for that of the middle of the round trip', async () => {
    expect(await slow(40_000).check.isRight()).toBe(true)
  })

  it('that does not come is asked for again', async () => {
    let away = true
    const { check } = slow(0, {
      serverNow: () => (away ? Promise.reject(new Error('away')) : Promise.resolve(0)),
    })
    await expect(check.isRight()).rejects.toThrow('away')
    away = false
    expect(await check.isRight()).toBe(true)
  })
})
