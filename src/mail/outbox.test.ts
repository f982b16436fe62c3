import { expect, it, onTestFinished } from 'vitest'
import {
  canary,
  eventually,
  fileText,
  hour,
  keyring,
  newMail,
  outboxBench,
  ScriptedMailer,
} from '../../test/outbox-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { startSmtp } from '../../test/services/smtp.ts'
import { openText } from '../crypto/index.ts'
import { silentLogger, systemRandom } from '../ports/index.ts'
import { smtpMailer } from './smtp.ts'

describeEngines('the outbox', (engine) => {
  const bench = outboxBench(engine)
  const { outbox, restingJobs, rows, write } = bench

  it('delivers a mail once, over SMTP, with a Message-ID of our own host', async () => {
    const smtp = await startSmtp()
    onTestFinished(() => smtp.close())
    const box = outbox(smtpMailer({ url: smtp.url, logger: silentLogger, clock: bench.clock }))
    await write(box)
    expect(await box.deliverDue()).toBe(1)
    expect(await box.deliverDue()).toBe(0)
    const [row] = await rows()
    expect(smtp.mails).toHaveLength(1)
    expect(smtp.mails[0]).toMatchObject({ to: [newMail.to], subject: newMail.subject })
    expect(smtp.mails[0]?.headers['message-id']).toBe(`<${row?.id}@shop.example>`)
    expect(row).toMatchObject({
      state: 'delivered',
      delivered_at: bench.clock.now(),
      lease_until: 0,
    })
  })

  it('sends nothing for a change that rolled back', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    const change = bench.databases[0].transaction(async (trx) => {
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
    if (engine === 'sqlite') expect(await fileText(bench.url)).not.toMatch(/CANARY|customer/)
    await box.deliverDue()
    expect(mailer.mails[0]?.text).toContain(canary)
    expect((await rows())[0]?.sealed).toBeNull()
  })

  it('writes a suppressed mail like any other, without its text, and never sends it', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    await bench.clock.advance(1)
    await write(box, { suppressed: true })
    const [sent, suppressed] = await rows()
    expect(suppressed?.sealed?.length).toBe(sent?.sealed?.length)
    const binding = { purpose: 'mail', context: [suppressed?.id ?? ''] }
    expect(openText(keyring, suppressed?.sealed ?? '', binding)).toMatch(/^\0+$/)
    expect(await box.deliverDue()).toBe(1)
    expect(await box.depth()).toEqual({ pending: 0 })
    await bench.clock.advance(31 * 24 * hour)
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
    const withdrawn = await bench.databases[0].transaction((trx) =>
      box.withdraw(trx, 'ann@customer.example'),
    )
    const left = (await rows()).filter((row) => row.recipient_tag !== null)
    expect([withdrawn, left.length]).toEqual([2, 1])
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.mails.map(({ to }) => to)).toEqual(['bob@customer.example'])
    expect((await rows()).map((row) => row.recipient_tag)).toEqual([null, null, null, null])
    await bench.clock.advance(31 * 24 * hour)
    await box.prune()
    expect(await rows()).toEqual([])
  })

  it('opens a sealed mail in its own row only', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box, { to: 'ann@customer.example' })
    await bench.clock.advance(1)
    await write(box, { to: 'eve@customer.example' })
    const [first, second] = await rows()
    await bench.databases[0].transaction((trx) =>
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

  it('delivers by itself soon after the commit, and stops at the stop', async () => {
    const mailer = new ScriptedMailer()
    const [box, jobs] = await restingJobs(mailer, systemRandom)
    await write(box)
    await bench.clock.advance(500)
    await eventually(() => mailer.mails.length).toBe(1)
    await jobs.stop()
    await write(box)
    await bench.clock.advance(hour)
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
    await bench.clock.advance(ms)
    await eventually(() => mailer.mails.length).toBe(1)
    await jobs.stop()
  })

  it('forgets finished mails after 30 days, and keeps waiting ones', async () => {
    const mailer = new ScriptedMailer()
    const box = outbox(mailer)
    await write(box)
    await box.deliverDue()
    await bench.clock.advance(24 * hour)
    await write(box)
    await bench.clock.advance(29 * 24 * hour)
    await box.prune()
    expect(await rows()).toHaveLength(2)
    await bench.clock.advance(1)
    await box.prune()
    expect((await rows()).map((row) => row.state)).toEqual(['pending'])
    await bench.clock.advance(30 * 24 * hour)
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
