import { expect, it } from 'vitest'
import { mailErrors } from '../../src/mail/index.ts'
import { TestMailbox } from '../../src/testing/index.ts'
import { goodPassword, openSite } from './identity-kit.ts'
import { as, newPassword, recoveryKit } from './recovery-kit.ts'

it('with the mail server away every answer is as ever, and each mail goes once it is back', async () => {
  const mailbox = new TestMailbox()
  let isAway = false
  const send: TestMailbox['send'] = (mail) =>
    isAway ? Promise.reject(mailErrors.mail_server_unavailable()) : mailbox.send(mail)
  const site = await openSite({
    captcha: { provider: 'none' },
    notices: { newDevice: false },
    mail: { mailer: { send }, from: 'Test <test@example.com>' },
  })
  const kit = recoveryKit({ ...site, mailbox })
  const settle = async () => {
    for (let n = 0; n < 3; n++) {
      await site.deliverMail()
      await site.advance(120_000)
    }
  }
  const ann = await kit.someone('ann')
  const ben = await kit.someone('ben')
  await settle()
  isAway = true
  const forgot = await site.post('/auth/password/forgot', { email: ann.email })
  const body = { email: 'ben2@example.com', currentPassword: goodPassword }
  const change = await site.post('/auth/email/change', body, as(ben))
  expect([forgot.status, change.status]).toEqual([202, 202])
  await settle()
  expect(mailbox.list()).toEqual([])
  isAway = false
  await settle()
  expect(
    mailbox
      .list()
      .map(({ to }) => to)
      .sort(),
  ).toEqual([ann.email, 'ben2@example.com'])
  expect((await kit.reset(mailbox.latestToken(ann.email), newPassword)).status).toBe(200)
  const token = mailbox.latestToken('ben2@example.com')
  expect((await site.post('/auth/email/confirm', { token })).status).toBe(200)
  await site.close()
})
