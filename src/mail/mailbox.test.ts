import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { DevelopmentMailbox } from './mailbox.ts'

function mailTo(to: string, id = to): Parameters<DevelopmentMailbox['send']>[0] {
  const text = `Confirm:\nhttps://shop.example/v?t=1\n\nOr see https://shop.example/help.\n`
  return {
    messageId: `<${id}@shop.example>`,
    from: 'a@b.example',
    to,
    subject: 'S',
    text,
    html: '',
  }
}

describe('the development mailbox', () => {
  it('lists the newest mail first, with the links of its text', async () => {
    const clock = new ManualClock(1_000)
    const mailbox = new DevelopmentMailbox({ clock })
    await mailbox.send(mailTo('ann@shop.example', '1'))
    await clock.advance(5)
    await mailbox.send(mailTo('bob@shop.example', '2'))
    expect(mailbox.list().map(({ id, at, to }) => ({ id, at, to }))).toEqual([
      { id: '2', at: 1_005, to: 'bob@shop.example' },
      { id: '1', at: 1_000, to: 'ann@shop.example' },
    ])
    expect(mailbox.list()[0]?.links).toEqual([
      'https://shop.example/v?t=1',
      'https://shop.example/help',
    ])
  })

  it('finds the mails of one recipient whatever the case', async () => {
    const mailbox = new DevelopmentMailbox({ clock: new ManualClock() })
    await mailbox.send(mailTo('Ann@shop.example'))
    await mailbox.send(mailTo('bob@shop.example'))
    expect(mailbox.list({ to: ' aNN@Shop.example' })).toHaveLength(1)
    expect(mailbox.list({ to: 'shop.example' })).toEqual([])
  })

  it('keeps the last 200 mails', async () => {
    const mailbox = new DevelopmentMailbox({ clock: new ManualClock() })
    for (let n = 0; n < 205; n++) await mailbox.send(mailTo(`u${n}@shop.example`))
    expect(mailbox.list()).toHaveLength(200)
    expect(mailbox.list().at(-1)?.to).toBe('u5@shop.example')
  })

  it('shows a mail that was delivered twice once', async () => {
    const mailbox = new DevelopmentMailbox({ clock: new ManualClock() })
    await mailbox.send(mailTo('ann@shop.example'))
    await mailbox.send(mailTo('ann@shop.example'))
    expect(mailbox.list()).toHaveLength(1)
  })
})
