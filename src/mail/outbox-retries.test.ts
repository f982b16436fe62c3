import { expect, it, onTestFinished } from 'vitest'
import { hour, keptLogger, minute, outboxBench, ScriptedMailer } from '../../test/outbox-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { startSmtp } from '../../test/services/smtp.ts'
import { Jobs } from '../jobs/index.ts'
import { silentLogger, systemRandom } from '../ports/index.ts'
import { mailErrors } from './errors.ts'
import { smtpMailer } from './smtp.ts'

describeEngines('the outbox, when the server does not take a mail,', (engine) => {
  const bench = outboxBench(engine)
  const { outbox, rows, write } = bench

  it('tries again what the server defers, ever later, with the same Message-ID', async () => {
    const mailer = new ScriptedMailer()
    const tries: { at: number; id: string }[] = []
    mailer.next = async ({ messageId }) => {
      tries.push({ at: bench.clock.now(), id: messageId })
      if (tries.length < 5) throw mailErrors.mail_deferred()
    }
    const box = outbox(mailer)
    await write(box)
    while (mailer.mails.length === 0) {
      await box.deliverDue()
      await bench.clock.advance(500)
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
      const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock: bench.clock }))
      await write(box)
      smtp.behave(first)
      expect(await box.deliverDue()).toBe(0)
      smtp.behave({ kind: 'accept' })
      await bench.clock.advance(6_000)
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
    const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock: bench.clock }), {
      logger,
    })
    await write(box)
    await box.deliverDue()
    const [row] = await rows()
    expect(row).toMatchObject({ state: 'failed', error_code: 'mail_rejected', sealed: null })
    expect(logger.lines).toMatchObject([
      { level: 'error', errorCode: 'mail_rejected', mail: row?.id },
    ])
    expect(JSON.stringify(logger.lines)).not.toMatch(/CANARY|customer/)
    await bench.clock.advance(hour)
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
      await bench.clock.advance(2_000)
      await box.deliverDue()
    }
    expect(await box.depth()).toMatchObject({ pending: 30 })
    mailer.next = async () => {}
    await bench.clock.advance(2_000)
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
    await bench.clock.advance(48 * hour - 1)
    await box.deliverDue()
    expect((await rows())[0]?.state).toBe('pending')
    await bench.clock.advance(minute)
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
      await bench.clock.advance(15 * minute)
    }
    expect((await rows())[0]).toMatchObject({ state: 'failed', attempts: 30, sealed: null })
    expect(mailer.attempts).toBe(30)
  })

  it('never sends a link that has expired, and erases it with the server still away', async () => {
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const box = outbox(mailer)
    await write(box, { expiresAt: bench.clock.now() + hour })
    await bench.clock.advance(1)
    await write(box)
    await box.deliverDue()
    await bench.clock.advance(hour)
    const before = mailer.attempts
    await box.deliverDue()
    expect((await rows()).map((row) => [row.state, row.sealed === null])).toEqual([
      ['expired', true],
      ['pending', false],
    ])
    expect(mailer.attempts).toBe(before + 1)
  })

  it('looks again within two seconds while the server is away', async () => {
    const jobs = new Jobs({
      database: bench.databases[0],
      clock: bench.clock,
      random: systemRandom,
      logger: silentLogger,
    })
    const mailer = new ScriptedMailer()
    mailer.next = () => Promise.reject(mailErrors.mail_server_unavailable())
    const box = outbox(mailer, { jobs })
    await write(box)
    await jobs.runDue()
    mailer.next = async () => {}
    await bench.clock.advance(2_000)
    await jobs.runDue()
    expect(mailer.mails).toHaveLength(1)
  })
})
