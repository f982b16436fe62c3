import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { createKeyring } from '../src/crypto/index.ts'
import { type Database, Migrator, openDatabase } from '../src/database/index.ts'
import { Jobs, jobMigrations } from '../src/jobs/index.ts'
import { type NewMail, Outbox, type OutboxOptions } from '../src/mail/outbox.ts'
import { mailMigrations, type OutboxRow } from '../src/mail/table.ts'
import {
  jsonLogger,
  type Logger,
  type Mailer,
  type OutgoingMail,
  type Random,
  silentLogger,
  systemRandom,
} from '../src/ports/index.ts'
import { ManualClock } from './manual-clock.ts'
import { type EngineName, type FreshDatabase, freshDatabase } from './services/fresh-database.ts'

export const minute = 60_000
export const hour = 60 * minute
export const keyring = createKeyring('ab'.repeat(32))
export const canary = 'CANARY-link-4711'
export const newMail: NewMail = {
  kind: 'verify-email',
  to: 'ann@customer.example',
  subject: 'Confirm your address',
  text: `https://shop.example/verify?token=${canary}`,
  html: `<a href="https://shop.example/verify?token=${canary}">Confirm</a>`,
}
export const eventually = <T>(probe: () => T) =>
  expect.poll(probe, { timeout: 20_000, interval: 5 })

/** Takes mails, or does what the test tells it to do instead. */
export class ScriptedMailer implements Mailer {
  readonly mails: OutgoingMail[] = []
  attempts = 0
  next: (mail: OutgoingMail) => Promise<void> = async () => {}

  async send(mail: OutgoingMail): Promise<void> {
    this.attempts += 1
    await this.next(mail)
    this.mails.push(mail)
  }
}

export function keptLogger(): Logger & { readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  return { ...jsonLogger({ level: 'debug', now: () => 0, write }), lines }
}

/** An outbox on a database of its own, for the tests of one suite. */
export interface OutboxBench {
  readonly url: string
  /** Two connections to one database, as two processes have them. */
  readonly databases: readonly [Database, Database]
  /** A new one for each test. */
  readonly clock: ManualClock
  outbox(mailer: Mailer, changes?: Partial<OutboxOptions>): Outbox
  write(box: Outbox, changes?: Partial<NewMail>): Promise<void>
  rows(): Promise<OutboxRow[]>
  /** Jobs that have run what is due at their start, and rest. */
  restingJobs(mailer: Mailer, random: Random): Promise<[Outbox, Jobs]>
}

/** Opens it before the suite, empties it after each test, and closes it after the suite. */
export function outboxBench(engine: EngineName): OutboxBench {
  let fresh: FreshDatabase
  let databases: [Database, Database]
  let clock = new ManualClock()

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const open = () => openDatabase({ url: fresh.url, clock, logger: silentLogger })
    databases = [await open(), await open()]
    await new Migrator(databases[0], [...jobMigrations, ...mailMigrations]).up()
  })
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()))
    await fresh.drop()
  })
  afterEach(async () => {
    await databases[0].transaction(async (trx) => {
      await trx.deleteFrom('hf_outbox').execute()
      await trx.deleteFrom('hf_jobs').execute()
    })
    // A clock that is left with timers must not spoil the tests that follow.
    const { pending } = clock
    clock = new ManualClock()
    expect(pending).toBe(0)
  })

  const outbox: OutboxBench['outbox'] = (mailer, changes = {}) =>
    new Outbox({
      ...{ database: databases[0], keyring, random: systemRandom, clock },
      ...{ logger: silentLogger, mailer },
      from: 'Shop <no-reply@shop.example>',
      host: 'shop.example',
      ...changes,
    })

  const restingJobs: OutboxBench['restingJobs'] = async (mailer, random) => {
    const ports = { database: databases[0], clock, logger: silentLogger }
    const jobs = new Jobs({ ...ports, random: systemRandom })
    const box = outbox(mailer, { jobs, random })
    jobs.start()
    await eventually(async () => {
      await clock.advance(100)
      return (await databases[0].reader.selectFrom('hf_jobs').selectAll().execute()).every(
        (row) => row.lease_owner === null && row.next_at > clock.now(),
      )
    }).toBe(true)
    // The row of a run that has just ended is free a moment before this process knows of it.
    await jobs.runDue()
    return [box, jobs]
  }

  return {
    get url() {
      return fresh.url
    },
    get databases() {
      return databases
    },
    get clock() {
      return clock
    },
    outbox,
    write: (box, changes = {}) =>
      databases[0].transaction((trx) => box.enqueue(trx, { ...newMail, ...changes })),
    rows: () => databases[0].reader.selectFrom('hf_outbox').selectAll().orderBy('id').execute(),
    restingJobs,
  }
}

/** All bytes of an embedded database, its write-ahead log included. */
export async function fileText(url: string): Promise<string> {
  const folder = dirname(url.replace(/^sqlite:/, ''))
  const names = await readdir(folder)
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  expect(files.join('')).toContain('hf_outbox')
  return files.join('\n')
}
