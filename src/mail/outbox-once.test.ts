import { expect, it } from 'vitest'
import { breakableDatabase } from '../../test/breakable-database.ts'
import { ManualClock } from '../../test/manual-clock.ts'
import { eventually, minute, outboxBench, ScriptedMailer } from '../../test/outbox-bench.ts'
import { describeEngines } from '../../test/services/fresh-database.ts'
import { mailErrors } from './errors.ts'

describeEngines('the outbox of nodes that share it, hang or die', (engine) => {
  const bench = outboxBench(engine)
  const { outbox, rows, write } = bench

  it('delivers each of many mails once, however many nodes deliver at once', async () => {
    const mailer = new ScriptedMailer()
    const nodes = [0, 1, 0, 1].map((n) => outbox(mailer, { database: bench.databases[n as 0 | 1] }))
    const box = outbox(mailer)
    for (let n = 0; n < 60; n++) await write(box, { to: `u${n}@customer.example` })
    const counts = await Promise.all(nodes.map((node) => node.deliverDue()))
    expect(counts.reduce((sum, count) => sum + count)).toBe(60)
    expect(new Set(mailer.mails.map((mail) => mail.to)).size).toBe(60)
    expect(mailer.mails).toHaveLength(60)
    expect(await box.depth()).toEqual({ pending: 0 })
  })

  it('does not take the mail of a sender at work, and takes that of a dead one', async () => {
    const stuck = new ScriptedMailer()
    const taken = Promise.withResolvers<void>()
    stuck.next = () => {
      taken.resolve()
      return new Promise(() => {})
    }
    const deadClock = new ManualClock(bench.clock.now())
    const dead = outbox(stuck, { clock: deadClock })
    const mailer = new ScriptedMailer()
    const box = outbox(mailer, { database: bench.databases[1] })
    await write(box)
    const dying = dead.deliverDue()
    await taken.promise
    await bench.clock.advance(2 * minute - 1)
    expect(await box.deliverDue()).toBe(0)
    await bench.clock.advance(1)
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
    const slow = outbox(late, { clock: new ManualClock(bench.clock.now()) })
    await write(slow)
    const first = slow.deliverDue()
    await taken.promise
    await bench.clock.advance(2 * minute)
    const mailer = new ScriptedMailer()
    const second = Promise.withResolvers<void>()
    mailer.next = () => second.promise
    const overtaking = outbox(mailer, { database: bench.databases[1] }).deliverDue()
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
    await bench.clock.advance(100_000)
    expect(await delivering).toBe(0)
    expect((await rows())[0]).toMatchObject({ state: 'pending', attempts: 1 })
  })

  it('sends a mail once although the database goes away just after', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakableDatabase(bench.databases[0])
    mailer.next = async () => cut(true)
    const box = outbox(mailer, { database })
    await write(box)
    const delivering = box.deliverDue()
    await eventually(() => bench.clock.pending).toBe(1)
    await bench.clock.advance(30_000)
    cut(false)
    await eventually(() => bench.clock.pending).toBe(1)
    await bench.clock.advance(1_000)
    expect(await delivering).toBe(1)
    expect((await rows())[0]?.state).toBe('delivered')
    expect(mailer.attempts).toBe(1)
  })

  it('does not send again what it could not mark before its lease ran out', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakableDatabase(bench.databases[0])
    mailer.next = async () => cut(true)
    const box = outbox(mailer, { database })
    await write(box)
    let over = false
    const delivering = box.deliverDue().finally(() => {
      over = true
    })
    await eventually(async () => {
      await bench.clock.advance(5_000)
      return over
    }).toBe(true)
    expect(await delivering).toBe(0)
    cut(false)
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.attempts).toBe(1)
  })

  it('sends twice only when it dies between acceptance and commit, with one Message-ID', async () => {
    const mailer = new ScriptedMailer()
    const { database, cut } = breakableDatabase(bench.databases[0])
    const stop = new AbortController()
    mailer.next = async () => {
      cut(true)
      stop.abort()
    }
    const deadClock = new ManualClock(bench.clock.now())
    const dying = outbox(mailer, { database, clock: deadClock })
    const box = outbox(mailer, { database: bench.databases[1] })
    await write(box)
    expect(await dying.deliverDue(stop.signal)).toBe(0)
    mailer.next = async () => {}
    expect(await box.deliverDue()).toBe(0)
    await bench.clock.advance(2 * minute)
    expect(await box.deliverDue()).toBe(1)
    expect(mailer.mails).toHaveLength(2)
    expect(mailer.mails[0]?.messageId).toBe(mailer.mails[1]?.messageId)
  })
})
