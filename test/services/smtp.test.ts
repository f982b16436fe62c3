import { createTransport } from 'nodemailer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SmtpTestServer, startSmtp } from './smtp.ts'

describe('the mail server of the tests', () => {
  let smtp: SmtpTestServer
  beforeEach(async () => {
    smtp = await startSmtp()
  })
  afterEach(() => smtp.close())

  const mail = {
    from: 'shop@example.com',
    to: 'ada@example.com',
    subject: 'Bestätigen Sie Ihre Adresse 😀 bitte, und zwar noch heute, sonst verfällt der Link',
    text: `Grüße\nhttps://example.com/${'x'.repeat(120)}?a=b`,
    html: `<p>Grüße</p><a href="https://example.com/${'x'.repeat(120)}?a=b">hier</a>`,
  }
  const send = (timeoutMs = 30_000) =>
    createTransport({ url: smtp.url, socketTimeout: timeoutMs }).sendMail(mail)

  it('hands out subject, text and markup as they were written', async () => {
    await send()
    const received = await smtp.waitFor(({ to }) => to.includes(mail.to))
    expect(received).toMatchObject({ from: mail.from, to: [mail.to], subject: mail.subject })
    expect(received.text.trim().replaceAll('\r\n', '\n')).toBe(mail.text)
    expect(received.html.trim()).toBe(mail.html)
  })

  it('waits for a mail that has not come yet', async () => {
    const waiting = smtp.waitFor(() => true)
    await send()
    await expect(waiting).resolves.toMatchObject({ subject: mail.subject })
  })

  it('refuses with the code it was told, then accepts again', async () => {
    smtp.behave({ kind: 'refuse', code: 451, message: 'Try again later' })
    await expect(send()).rejects.toMatchObject({ responseCode: 451 })
    smtp.behave({ kind: 'accept' })
    await send()
    expect(smtp).toMatchObject({ attempts: 2, mails: [{ to: [mail.to] }] })
  })

  it('can leave the sender without an answer', async () => {
    smtp.behave({ kind: 'hang' })
    await expect(send(200)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(smtp.mails).toEqual([])
  })

  it('can take a mail and cut the line before saying so', async () => {
    smtp.behave({ kind: 'cut' })
    await expect(send()).rejects.toThrow()
    expect(smtp.mails).toHaveLength(1)
  })

  it('can be slow', async () => {
    smtp.behave({ kind: 'slow', ms: 50 })
    await send()
    expect(smtp.mails).toHaveLength(1)
  })
})
