import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { startSmtp } from '../../test/services/smtp.ts'
import { createKeyring, openText } from '../crypto/index.ts'
import { type Database, Migrator, openDatabase } from '../database/index.ts'
import { Jobs, jobMigrations } from '../jobs/index.ts'
import {
  jsonLogger,
  type Logger,
  type Mailer,
  type OutgoingMail,
  type Random,
  silentLogger,
  systemRandom,
} from '../ports/index.ts'
import { mailErrors } from './errors.ts'
import { type NewMail, Outbox, type OutboxOptions } from './outbox.ts'
import { smtpMailer } from './smtp.ts'
import { mailMigrations, type OutboxRow } from './table.ts'

const minute = 60_000
const hour = 60 * minute
const keyring = createKeyring('ab'.repeat(32))
const canary = 'CANARY-link-4711'
const newMail: NewMail = {
  kind: 'verify-email',
  to: 'ann@customer.example',
  subject: 'Confirm your address',
  text: `https://shop.example/verify?token=${canary}`,
  html: `<a href="https://shop.example/verify?token=${canary}">Confirm</a>`,
}
const eventually = <T>(probe: () => T) => expect.poll(probe, { timeout: 20_000, interval: 5 })

/** Takes mails, or does what the test tells it to do instead. */
class ScriptedMailer implements Mailer {
  readonly mails: OutgoingMail[] = []
  attempts = 0
  next: (mail: OutgoingMail) => Promise<void> = async () => {}

  async send(mail: OutgoingMail): Promise<void> {
    this.attempts += 1
    await this.next(mail)
    this.mails.push(mail)
  }
}

function keptLogger(): Logger & { readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  return { ...jsonLogger({ level: 'debug', now: () => 0, write }), lines }
}

describeEngines('the outbox', (engine) => {
  let fresh: FreshDatabase
  /** Two connections to one database, as two processes have them. */
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

  function outbox(mailer: Mailer, changes: Partial<OutboxOptions> = {}): Outbox {
    return new Outbox({
      database: databases[0],
      keyring,
      random: systemRandom,
      clock,
      logger: silentLogger,
      mailer,
      from: 'Shop <no-reply@shop.example>',
      host: 'shop.example',
      ...changes,
    })
  }

  function write(box: Outbox, changes: Partial<NewMail> = {}): Promise<void> {
    return databases[0].transaction((trx) => box.enqueue(trx, { ...newMail, ...changes }))
  }

  function rows(): Promise<OutboxRow[]> {
    return databases[0].reader.selectFrom('hf_outbox').selectAll().orderBy('id').execute()
  }

  it('delivers a mail once, over SMTP, with a Message-ID of our own host', async () => {
    const smtp = await startSmtp()
    onTestFinished(() => smtp.close())
    const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock }))
    await write(box)
    expect(await box.deliverDue()).toBe(1)
    expect(await box.deliverDue()).toBe(0)
    const [row] = await rows()
    expect(smtp.mails).toHaveLength(1)
    expect(smtp.mails[0]).toMatchObject({ to: [newMail.to], subject: newMail.subject })
    expect(smtp.mails[0]?.headers['message-id']).toBe(`<${row?.id}@shop.example>`)
    expect(row).toMatchObject({ state: 'delivered', delivered_at: clock.now(), lease_until: 0 })
  })

  it('sends nothing for a change that rolled back', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    const change = databases[0].transaction(async (trx) => {
      await box.enqueue(trx, newMail)
      throw new Error('changed my mind')
    })
    await expect(change).rejects.toThrow('changed my mind')
    expect([await box.deliverDue(), mailer.attempts]).toEqual([0, 0])
  })

  it('holds recipient, subject and link readable nowhere, and erases them after delivery', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    const [before] = await rows()
    expect(before?.sealed).toMatch(/^hf1\./)
    expect(JSON.stringify(before)).not.toMatch(/CANARY|customer|Confirm/)
    if (engine === 'sqlite') expect(await fileText(fresh.url)).not.toMatch(/CANARY|customer/)
    await box.deliverDue()
    expect(mailer.mails[0]?.text).toContain(canary)
    expect((await rows())[0]?.sealed).toBeNull()
  })

  it('writes a suppressed mail like any other, without its text, and never sends it', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    await clock.advance(1)
    await write(box, { suppressed: true })
    const [sent, suppressed] = await rows()
    expect(suppressed?.sealed?.length).toBe(sent?.sealed?.length)
    const binding = { purpose: 'mail', context: [suppressed?.id ?? ''] }
    expect(openText(keyring, suppressed?.sealed ?? '', binding)).toMatch(/^\0+$/)
    expect(await box.deliverDue()).toBe(1)
    expect(await box.depth()).toEqual({ pending: 0 })
    await clock.advance(31 * 24 * hour)
    await box.prune()
    expect([await rows(), mailer.attempts]).toEqual([[], 1])
  })

  it('withdraws what waits for an address, and forgets for whom the rest was', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    await write(box, { to: 'ANN@Customer.example' })
    await write(box, { suppressed: true })
    await write(box, { to: 'bob@customer.example' })
    const before = await rows()
    expect(new Set(before.map((row) => row.recipient_tag)).size).toBe(2)
    expect(JSON.stringify(before)).not.toMatch(/customer/i)
    const withdrawn = await databases[0].transaction((trx) =>
      box.withdraw(trx, 'ann@customer.example'),
    )
    const left = (await rows()).filter((row) => row.recipient_tag !== null)
    expect([withdrawn, left.length]).toEqual([2, 1])
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.mails.map(({ to }) => to)).toEqual(['bob@customer.example'])
    expect((await rows()).map((row) => row.recipient_tag)).toEqual([null, null, null, null])
    await clock.advance(31 * 24 * hour)
    await box.prune()
    expect(await rows()).toEqual([])
  })

  it('opens a sealed mail in its own row only', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box, { to: 'ann@customer.example' })
    await clock.advance(1)
    await write(box, { to: 'eve@customer.example' })
    const [first, second] = await rows()
    await databases[0].transaction((trx) =>
      trx
        .updateTable('hf_outbox')
        .set({ sealed: first?.sealed ?? null })
        .where('id', '=', second?.id ?? '')
        .execute(),
    )
    await box.deliverDue()
    expect(mailer.mails.map((mail) => mail.to)).toEqual(['ann@customer.example'])
    expect((await rows())[1]).toMatchObject({ state: 'pending', error_code: 'sealed_unreadable' })
  })

  it('delivers each of many mails once, however many nodes deliver at once', async () => {
    const mailer = new ScriptedMailer()
    const nodes = [0, 1, 0, 1].map((n) => outbox(mailer, { database: databases[n as 0 | 1] }))
    const box = outbox(mailer)
    for (let n = 0; n < 60; n++) await write(box, { to: `u${n}@customer.example` })
    const counts = await Promise.all(nodes.map((node) => node.deliverDue()))
    expect(counts.reduce((sum, count) => sum + count)).toBe(60)
    expect(new Set(mailer.mails.map((mail) => mail.to)).size).toBe(60)
    expect(mailer.mails).toHaveLength(60)
    expect(await box.depth()).toEqual({ pending: 0 })
  })

  it('tries again what the server defers, ever later, with the same Message-ID', async () => {
    const mailer = new ScriptedMailer()
    const tries: { at: number; id: string }[] = []
    mailer.next = async ({ messageId }) => {
      tries.push({ at: clock.now(), id: messageId })
      if (tries.length < 5) throw mailErrors.mail_deferred()
    }
    const box = outbox(mailer)
    await write(box)
    while (mailer.mails.length === 0) {
      await box.deliverDue()
      await clock.advance(500)
    }
    expect(new Set(tries.map((one) => one.id)).size).toBe(1)
    for (let n = 1; n < 5; n++) {
      const wait = (tries[n]?.at ?? 0) - (tries[n - 1]?.at ?? 0)
      expect(wait).toBeGreaterThanOrEqual(0.9 * 5_000 * 2 ** (n - 1))
      expect(wait).toBeLessThanOrEqual(1.1 * 5_000 * 2 ** (n - 1) + 500)
    }
    expect((await rows())[0]).toMatchObject({ state: 'delivered', error_code: null })
  })

  it.each([
    ['defers it', { kind: 'refuse', code: 451, message: 'later' }, 1],
    ['takes it and dies before it can say so', { kind: 'cut' }, 2],
  ] as const)(
    'delivers with one Message-ID when the server first %s',
    async (_, first, arrivals) => {
      const smtp = await startSmtp()
      onTestFinished(() => smtp.close())
      const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock }))
      await write(box)
      smtp.behave(first)
      expect(await box.deliverDue()).toBe(0)
      smtp.behave({ kind: 'accept' })
      await clock.advance(6_000)
      expect(await box.deliverDue()).toBe(1)
      expect(smtp.mails).toHaveLength(arrivals)
      expect(new Set(smtp.mails.map((mail) => mail.headers['message-id'])).size).toBe(1)
    },
  )

  it('gives up what the server rejects for good, at once, and erases it', async () => {
    const smtp = await startSmtp()
    onTestFinished(() => smtp.close())
    smtp.behave({ kind: 'refuse', code: 550, message: 'no such user ann@customer.example' })
    const logger = keptLogger()
    const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock }), { logger })
    await write(box)
    await box.deliverDue()
    const [row] = await rows()
    expect(row).toMatchObject({ state: 'failed', error_code: 'mail_rejected', sealed: null })
    expect(logger.lines).toMatchObject([
      { level: 'error', errorCode: 'mail_rejected', mail: row?.id },
    ])
    expect(JSON.stringify(logger.lines)).not.toMatch(/CANARY|customer/)
    await clock.advance(hour)
    expect([await box.deliverDue(), smtp.attempts]).toEqual([0, 1])
  })

  it('delivers after the server was away, having asked it with few mails at a time', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const box = outbox(mailer)
    for (let n = 0; n < 30; n++) await write(box, { to: `u${n}@customer.example` })
    expect(await box.deliverDue()).toBe(0)
    expect(mailer.attempts).toBeLessThanOrEqual(4)
    for (let second = 0; second < 30; second += 2) {
      await clock.advance(2_000)
      await box.deliverDue()
    }
    expect(await box.depth()).toMatchObject({ pending: 30 })
    mailer.next = async () => {}
    await clock.advance(2_000)
    await box.deliverDue()
    expect(mailer.mails).toHaveLength(30)
    expect((await rows()).every((row) => row.attempts === 1)).toBe(true)
  })

  it('gives up a mail that could not be delivered for 48 hours', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const logger = keptLogger()
    const box = outbox(mailer, { logger })
    await write(box)
    await clock.advance(48 * hour - 1)
    await box.deliverDue()
    expect((await rows())[0]?.state).toBe('pending')
    await clock.advance(minute)
    await box.deliverDue()
    expect((await rows())[0]).toMatchObject({ state: 'failed', sealed: null })
    expect(logger.lines.at(-1)).toMatchObject({ level: 'error', message: 'mail given up' })
  })

  it('gives up after 30 attempts', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(new Error('who knows'))
    const box = outbox(mailer)
    await write(box)
    for (let n = 0; n < 200 && (await rows())[0]?.state === 'pending'; n++) {
      await box.deliverDue()
      await clock.advance(15 * minute)
    }
    expect((await rows())[0]).toMatchObject({ state: 'failed', attempts: 30, sealed: null })
    expect(mailer.attempts).toBe(30)
  })

  it('never sends a link that has expired, and erases it with the server still away', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const box = outbox(mailer)
    await write(box, { expiresAt: clock.now() + hour })
    await clock.advance(1)
    await write(box)
    await box.deliverDue()
    await clock.advance(hour)
    const before = mailer.attempts
    await box.deliverDue()
    expect((await rows()).map((row) => [row.state, row.sealed === null])).toEqual([
      ['expired', true],
      ['pending', false],
    ])
    expect(mailer.attempts).toBe(before + 1)
  })

  it('does not take the mail of a sender at work, and takes that of a dead one', async () => {
    const stuck = new ScriptedMailer()
    const taken = Promise.withResolvers<void>()
    stuck.next = () => {
      taken.resolve()
      return new Promise(() => {})
    }
    const deadClock = new ManualClock(clock.now())
    const dead = outbox(stuck, { clock: deadClock })
    const mailer = new ScriptedMailer()
    const box = outbox(mailer, { database: databases[1] })
    await write(box)
    const dying = dead.deliverDue()
    await taken.promise
    await clock.advance(2 * minute - 1)
    expect(await box.deliverDue()).toBe(0)
    await clock.advance(1)
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.mails[0]?.messageId).toBe(`<${(await rows())[0]?.id}@shop.example>`)
    await deadClock.advance(100_000)
    await dying
    expect((await rows())[0]).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it.each([
    ['accepted', 'delivered'],
    ['rejected', 'pending'],
    ['deferred', 'pending'],
  ])('once overtaken, a sender whose mail was %s leaves it %s', async (answer, state) => {
    const late = new ScriptedMailer()
    const taken = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    late.next = () => {
      taken.resolve()
      return answered.promise
    }
    const slow = outbox(late, { clock: new ManualClock(clock.now()) })
    await write(slow)
    const first = slow.deliverDue()
    await taken.promise
    await clock.advance(2 * minute)
    const mailer = new ScriptedMailer()
    const second = Promise.withResolvers<void>()
    mailer.next = () => second.promise
    const overtaking = outbox(mailer, { database: databases[1] }).deliverDue()
    await eventually(() => mailer.attempts).toBe(1)
    const [during] = await rows()
    if (answer === 'accepted') answered.resolve()
    if (answer === 'rejected') answered.reject(mailErrors.mail_rejected())
    if (answer === 'deferred') answered.reject(mailErrors.mail_deferred())
    await first
    const [after] = await rows()
    expect(after?.state).toBe(state)
    if (state === 'pending') expect(after).toEqual(during)
    second.resolve()
    await overtaking
    expect((await rows())[0]).toMatchObject({ state: 'delivered', sealed: null })
  })

  it('is not held up by a mailer that never answers', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => new Promise(() => {})
    const box = outbox(mailer)
    await write(box)
    const delivering = box.deliverDue()
    await eventually(() => mailer.attempts).toBe(1)
    await clock.advance(100_000)
    expect(await delivering).toBe(0)
    expect((await rows())[0]).toMatchObject({ state: 'pending', attempts: 1 })
  })

  it('sends a mail once although the database goes away just after', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakable(databases[0])
    mailer.next = async () => cut(true)
    const box = outbox(mailer, { database })
    await write(box)
    const delivering = box.deliverDue()
    await eventually(() => clock.pending).toBe(1)
    await clock.advance(30_000)
    cut(false)
    await eventually(() => clock.pending).toBe(1)
    await clock.advance(1_000)
    expect(await delivering).toBe(1)
    expect((await rows())[0]?.state).toBe('delivered')
    expect(mailer.attempts).toBe(1)
  })

  it('does not send again what it could not mark before its lease ran out', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakable(databases[0])
    mailer.next = async () => cut(true)
    const box = outbox(mailer, { database })
    await write(box)
    let over = false
    const delivering = box.deliverDue().finally(() => {
      over = true
    })
    await eventually(async () => {
      await clock.advance(5_000)
      return over
    }).toBe(true)
    expect(await delivering).toBe(0)
    cut(false)
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.attempts).toBe(1)
  })

  it('sends twice only when it dies between acceptance and commit, with one Message-ID', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakable(databases[0])
    const stop = new AbortController()
    mailer.next = async () => {
      cut(true)
      stop.abort()
    }
    const deadClock = new ManualClock(clock.now())
    const dying = outbox(mailer, { database, clock: deadClock })
    const box = outbox(mailer, { database: databases[1] })
    await write(box)
    expect(await dying.deliverDue(stop.signal)).toBe(0)
    mailer.next = async () => {}
    expect(await box.deliverDue()).toBe(0)
    await clock.advance(2 * minute)
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.mails).toHaveLength(2)
    expect(mailer.mails[0]?.messageId).toBe(mailer.mails[1]?.messageId)
  })

  /** Jobs that have run what is due at their start, and rest. */
  async function restingJobs(mailer: Mailer, random: Random): Promise<[Outbox, Jobs]> {
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
    return [box, jobs]
  }

  it('delivers by itself soon after the commit, and stops at the stop', async () => {
    const mailer = new ScriptedMailer()
    const [box, jobs] = await restingJobs(mailer, systemRandom)
    await write(box)
    await clock.advance(500)
    await eventually(() => mailer.mails.length).toBe(1)
    await jobs.stop()
    await write(box)
    await clock.advance(hour)
    expect(mailer.attempts).toBe(1)
  })

  it.each([
    [0x00, 50],
    [0x80, 275],
    [0xff, 499],
  ])('begins at a random moment after the commit: draw %i after %i ms', async (byte, ms) => {
    const mailer = new ScriptedMailer()
    const waits: number[] = []
    const [box, jobs] = await restingJobs(mailer, {
      bytes: (length) => new Uint8Array(length).fill(byte),
    })
    const wake = jobs.wake.bind(jobs)
    jobs.wake = (name, delayMs = 0) => {
      waits.push(delayMs)
      wake(name, delayMs)
    }
    await write(box)
    expect([waits, mailer.attempts]).toEqual([[ms], 0])
    await clock.advance(ms)
    await eventually(() => mailer.mails.length).toBe(1)
    await jobs.stop()
  })

  it('looks again within two seconds while the server is away', async () => {
    const jobs = new Jobs({
      database: databases[0],
      clock,
      random: systemRandom,
      logger: silentLogger,
    })
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const box = outbox(mailer, { jobs })
    await write(box)
    await jobs.runDue()
    mailer.next = async () => {}
    await clock.advance(2_000)
    await jobs.runDue()
    expect(mailer.mails).toHaveLength(1)
  })

  it('forgets finished mails after 30 days, and keeps waiting ones', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    await box.deliverDue()
    await clock.advance(24 * hour)
    await write(box)
    await clock.advance(29 * 24 * hour)
    await box.prune()
    expect(await rows()).toHaveLength(2)
    await clock.advance(1)
    await box.prune()
    expect((await rows()).map((row) => row.state)).toEqual(['pending'])
    await clock.advance(30 * 24 * hour)
    await box.prune()
    expect(await rows()).toHaveLength(1)
  })

  it('refuses a mail with a second recipient or header before it is written', async () => {
    const box = outbox(new ScriptedMailer())
    for (const changes of [
      { to: 'a@x.example,b@y.example' },
      { to: 'a@x.example\r\nBcc: b@y.example' },
      { subject: 'Hello\r\nBcc: b@y.example' },
    ]) {
      await expect(write(box, changes)).rejects.toMatchObject({ code: 'mail_malformed' })
    }
    expect(await rows()).toEqual([])
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

/** All bytes of an embedded database, its write-ahead log included. */
async function fileText(url: string): Promise<string> {
  const folder = dirname(url.replace(/^sqlite:/, ''))
  const names = await readdir(folder)
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  expect(files.join('')).toContain('hf_outbox')
  return files.join('\n')
}
