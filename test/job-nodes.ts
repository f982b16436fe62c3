import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Database, Migrator, openDatabase } from '../src/database/index.ts'
import type { JobContext } from '../src/jobs/job.ts'
import { Jobs } from '../src/jobs/jobs.ts'
import { jobMigrations } from '../src/jobs/table.ts'
import { type Logger, type Random, silentLogger, systemRandom } from '../src/ports/index.ts'
import { ManualClock } from './manual-clock.ts'
import { type EngineName, type FreshDatabase, freshDatabase } from './services/fresh-database.ts'

export const minute = 60_000
export const eventually = <T>(probe: () => T) =>
  expect.poll(probe, { timeout: 20_000, interval: 5 })

/** A logger that counts its lines. */
export function countingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (message: string) => void lines.push(message)
  return { ...silentLogger, warn: write, error: write, lines }
}

/** Work that goes on until it is told to end. */
export function longWork() {
  const started = Promise.withResolvers<JobContext>()
  const ended = Promise.withResolvers<void>()
  const run = async (context: JobContext) => {
    started.resolve(context)
    await ended.promise
  }
  return { run, started: started.promise, end: ended.resolve }
}

/** Nodes that share one database, for the tests of one suite. */
export interface JobNodes {
  /** Two connections to one database, as two processes have them. */
  readonly databases: readonly [Database, Database]
  /** A new one for each test. */
  readonly clock: ManualClock
  node(
    which: 0 | 1,
    ports?: { clock?: ManualClock; database?: Database; logger?: Logger; random?: Random },
  ): Jobs
  newName(): string
}

/** Opens them before the suite, stops all nodes after each test, and closes them after the suite. */
export function jobNodes(engine: EngineName): JobNodes {
  let fresh: FreshDatabase
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

  return {
    get databases() {
      return databases
    },
    get clock() {
      return clock
    },
    node(which, ports = {}) {
      const shared = { database: databases[which], clock, logger: silentLogger }
      const jobs = new Jobs({ ...shared, random: systemRandom, ...ports })
      opened.push(jobs)
      return jobs
    },
    newName: () => `test.${++round}`,
  }
}
