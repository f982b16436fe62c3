import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { type Logger, type Random, silentLogger, systemRandom } from '../ports/index.ts'
import type { JobContext } from './job.ts'
import { Jobs } from './jobs.ts'
import { jobMigrations } from './table.ts'

const minute = 60_000
const eventually = <T>(probe: () => T) => expect.poll(probe, { timeout: 20_000, interval: 5 })

/** A logger that counts its lines. */
function countingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (message: string) => void lines.push(message)
  return { ...silentLogger, warn: write, error: write, lines }
}

/** Work that goes on until it is told to end. */
function longWork() {
  const started = Promise.withResolvers<JobContext>()
  const ended = Promise.withResolvers<void>()
  const run = async (context: JobContext) => {
    started.resolve(context)
    await ended.promise
  }
  return { run, started: started.promise, end: ended.resolve }
}

describeEngines('jobs', (engine) => {
  let fresh: FreshDatabase
  /** Two connections to one database, as two processes have them. */
  let databases: [Database, Database]
  let clock = new ManualClock()
  let round = 0
  const opened: Jobs[] = []

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () => openDatabase({ url: fresh.url, clock, logger: silentLogger })
    databases = [await open(), await open()]
    await new Migrator(databases[0], jobMigrations).up()
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await fresh.drop()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.stop()))
    clock = new ManualClock()
  })

  function node(
    which: 0 | 1,
    ports: { clock?: ManualClock; logger?: Logger; random?: Random } = {},
  ): Jobs {
    const database = databases[which]
    const jobs = new Jobs({ database, clock, logger: silentLogger, random: systemRandom, ...ports })
    opened.push(jobs)
    return jobs
  }

  function newName(): string {
    return `test.${++round}`
  }

  it('run once a period, however many nodes ask at once', async () => {
    const job = { name: newName(), everyMs: minute }
    let runs = 0
    const nodes = [node(0), node(1), node(0), node(1)]
    for (const jobs of nodes) jobs.register({ ...job, run: async () => void runs++ })
    for (let period = 1; period <= 20; period++) {
      await Promise.all(nodes.map((jobs) => jobs.runDue()))
      await Promise.all(nodes.map((jobs) => jobs.runDue()))
      expect(runs).toBe(period)
      await clock.advance(1.2 * minute)
    }
  })

  it('run by themselves once started, and never after the stop', async () => {
    let runs = 0
    const jobs = node(0)
    jobs.register({ name: newName(), everyMs: minute, run: async () => void runs++ })
    await clock.advance(10)
    expect([runs, clock.pending]).toEqual([0, 0])
    jobs.start()
    for (const expected of [1, 2, 3]) {
      await eventually(async () => {
        await clock.advance(10_000)
        return runs
      }).toBe(expected)
    }
    await jobs.stop()
    expect(clock.pending).toBe(0)
    await clock.advance(10 * minute)
    expect(runs).toBe(3)
  })

  it('woken run although they are not due, once for many wakes', async () => {
    const name = newName()
    let runs = 0
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    for (let n = 0; n < 10; n++) jobs.wake(name)
    await jobs.runDue()
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('woken for later run then, and not before', async () => {
    const name = newName()
    let runs = 0
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    jobs.wake(name, 2_000)
    jobs.wake(name, 9_000)
    await clock.advance(1_999)
    await jobs.runDue()
    expect(runs).toBe(1)
    await clock.advance(1)
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('woken for later run to the millisecond, whenever they look for work before', async () => {
    const name = newName()
    let runs = 0
    const late = { bytes: (length: number) => new Uint8Array(length).fill(0xff) }
    const jobs = node(0, { random: late })
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    await jobs.runDue()
    jobs.start()
    jobs.wake(name, 275)
    await clock.advance(1)
    await eventually(() => clock.pending).toBe(1)
    await clock.advance(273)
    expect(runs).toBe(1)
    await clock.advance(1)
    await eventually(() => runs).toBe(2)
  })

  it('woken while another node runs them run once more there', async () => {
    const name = newName()
    const work = longWork()
    let runs = 0
    const holder = node(0)
    const other = node(1)
    holder.register({
      name,
      everyMs: minute,
      run: (c) => (++runs === 1 ? work.run(c) : Promise.resolve()),
    })
    let otherRuns = 0
    other.register({ name, everyMs: minute, run: async () => void otherRuns++ })
    const running = holder.runDue()
    await work.started
    other.wake(name)
    await other.runDue()
    work.end()
    await running
    await holder.runDue()
    expect([runs, otherRuns]).toEqual([2, 0])
  })

  it('woken while they run here run once more', async () => {
    const name = newName()
    const work = longWork()
    let runs = 0
    const jobs = node(0)
    jobs.register({
      name,
      everyMs: minute,
      run: (c) => (++runs === 1 ? work.run(c) : Promise.resolve()),
    })
    const running = jobs.runDue()
    await work.started
    jobs.wake(name)
    work.end()
    await running
    await jobs.runDue()
    expect(runs).toBe(2)
  })

  it('that fail are logged and tried again, ever later, until they succeed', async () => {
    const logger = countingLogger()
    const waits: number[] = []
    let failedAt = 0
    let failing = true
    const jobs = node(0, { logger })
    const run = async () => {
      if (failedAt > 0) waits.push(clock.now() - failedAt)
      failedAt = clock.now()
      if (failing) throw new Error('out of order')
    }
    jobs.register({ name: newName(), everyMs: 60 * minute, run })
    while (waits.length < 4) {
      await jobs.runDue()
      await clock.advance(500)
    }
    expect(logger.lines).toEqual(Array(5).fill('job failed'))
    for (const [n, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(0.9 * 5_000 * 2 ** n)
      expect(wait).toBeLessThanOrEqual(1.1 * 5_000 * 2 ** n + 500)
    }
    failing = false
    await clock.advance(2 * minute)
    await jobs.runDue()
    await clock.advance(50 * minute)
    await jobs.runDue()
    expect(waits).toHaveLength(5)
  })

  it('of a crashed holder are taken over when its lease has run out', async () => {
    const name = newName()
    const work = longWork()
    const crashed = node(0, { clock: new ManualClock(clock.now()) })
    crashed.register({ name, everyMs: 60 * minute, run: work.run })
    const running = crashed.runDue()
    await work.started
    let runs = 0
    const survivor = node(1)
    survivor.register({ name, everyMs: 60 * minute, run: async () => void runs++ })
    await clock.advance(59_999)
    await survivor.runDue()
    expect(runs).toBe(0)
    await clock.advance(1)
    await survivor.runDue()
    expect(runs).toBe(1)
    work.end()
    await running
  })

  it('that take long keep their lease, and end cleanly', async () => {
    const name = newName()
    const work = longWork()
    const holder = node(0)
    holder.register({ name, everyMs: minute, run: work.run })
    const other = node(1)
    let runs = 0
    other.register({ name, everyMs: minute, run: async () => void runs++ })
    const running = holder.runDue()
    const { signal } = await work.started
    for (let step = 0; step < 15; step++) {
      await clock.advance(20_000)
      await eventually(() => clock.pending).toBe(1)
      await other.runDue()
    }
    expect([runs, signal.aborted]).toEqual([0, false])
    work.end()
    await running
    await other.runDue()
    expect(runs).toBe(1)
  })

  it('that lost their lease are told so', async () => {
    const name = newName()
    const work = longWork()
    const slowClock = new ManualClock(clock.now())
    const paused = node(0, { clock: slowClock })
    paused.register({ name, everyMs: minute, run: work.run })
    const running = paused.runDue()
    const { signal } = await work.started
    const taker = longWork()
    const other = node(1)
    other.register({ name, everyMs: minute, run: taker.run })
    await clock.advance(minute)
    const taken = other.runDue()
    await taker.started
    await slowClock.advance(20_000)
    await eventually(() => signal.aborted).toBe(true)
    work.end()
    await running
    // The late holder must not have given back the lease of the one after it.
    const third = node(0)
    let thirdRuns = 0
    third.register({ name, everyMs: minute, run: async () => void thirdRuns++ })
    third.wake(name)
    await third.runDue()
    expect(thirdRuns).toBe(0)
    taker.end()
    await taken
  })

  it('running at the stop are told to finish and waited for', async () => {
    const work = longWork()
    const jobs = node(0)
    jobs.register({ name: newName(), everyMs: minute, run: work.run })
    jobs.start()
    await clock.advance(0)
    const { signal } = await work.started
    let stopped = false
    const stopping = jobs.stop().then(() => {
      stopped = true
    })
    expect(signal.aborted).toBe(true)
    await clock.advance(0)
    expect(stopped).toBe(false)
    work.end()
    await stopping
    expect(clock.pending).toBe(0)
  })

  it('survive an outage of the database without storming it, and go on after it', async () => {
    const logger = countingLogger()
    const name = newName()
    const { database, cut } = breakable(databases[0])
    let runs = 0
    const jobs = new Jobs({ database, clock, logger, random: systemRandom })
    opened.push(jobs)
    jobs.register({ name, everyMs: minute, run: async () => void runs++ })
    jobs.start()
    const passTime = async () => {
      await clock.advance(1_000)
      return runs
    }
    await eventually(passTime).toBe(1)
    cut(true)
    jobs.wake(name)
    const outageStart = clock.now()
    await eventually(async () => {
      await passTime()
      return logger.lines.length
    }).toBeGreaterThan(5)
    expect(clock.now() - outageStart).toBeGreaterThan(4 * 4_500)
    expect(runs).toBe(1)
    cut(false)
    await eventually(passTime).toBe(2)
  })

  it('registered during an outage begin after it', async () => {
    const logger = countingLogger()
    const { database, cut } = breakable(databases[0])
    cut(true)
    let runs = 0
    const jobs = new Jobs({ database, clock, logger, random: systemRandom })
    opened.push(jobs)
    jobs.register({ name: newName(), everyMs: minute, run: async () => void runs++ })
    jobs.start()
    const passTime = async () => {
      await clock.advance(1_000)
      return runs
    }
    await eventually(async () => {
      await passTime()
      return logger.lines.length
    }).toBeGreaterThan(2)
    cut(false)
    await eventually(passTime).toBe(1)
  })

  it('have unique names, and only known ones are woken', async () => {
    const name = newName()
    const jobs = node(0)
    jobs.register({ name, everyMs: minute, run: async () => {} })
    expect(() => jobs.register({ name, everyMs: minute, run: async () => {} })).toThrow('twice')
    expect(() => jobs.wake('nothing')).toThrow('No job is named nothing')
  })
})

/** A database that can be cut off for writing. */
function breakable(real: Database): { database: Database; cut: (away: boolean) => void } {
  let away = false
  const cut = (state: boolean) => {
    away = state
  }
  const database: Database = Object.create(real, {
    transaction: {
      value: (work: Parameters<Database['transaction']>[0]) =>
        away ? Promise.reject(new Error('gone')) : real.transaction(work),
    },
    reader: { get: () => real.reader },
    dialect: { get: () => real.dialect },
  })
  return { database, cut }
}
