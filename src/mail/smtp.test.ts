import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { startSmtp } from '../../test/services/smtp.ts'
import { jsonLogger, type OutgoingMail, redact, silentLogger } from '../ports/index.ts'
import { smtpMailer } from './smtp.ts'

const mail: OutgoingMail = {
  messageId: '<0190-1@shop.example>',
  from: 'The Shop <no-reply@shop.example>',
  to: 'ann@customer.example',
  subject: 'Confirm — 確認',
  text: 'Hello\n.\nBye\n',
  html: '<p>Hello</p>',
}

let clock = new ManualClock()
afterEach(() => {
  expect(clock.pending).toBe(0)
  clock = new ManualClock()
})

async function start() {
  const smtp = await startSmtp()
  onTestFinished(() => smtp.close())
  return smtp
}

/** A server with answers of its own; resolves to its host and port. */
async function startStrict(options: SMTPServerOptions): Promise<string> {
  const server = new SMTPServer({ authOptional: true, logger: false, ...options })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)))
  return `127.0.0.1:${(server.server.address() as AddressInfo).port}`
}

function send(url: string, changes: Partial<OutgoingMail> = {}): Promise<void> {
  return smtpMailer({ url, logger: silentLogger, clock }).send({ ...mail, ...changes })
}

function refuse(responseCode: number): Error {
  return Object.assign(new Error('refused ann@customer.example'), { responseCode })
}

describe('a mail', () => {
  it('arrives with both parts, its Message-ID and one recipient', async () => {
    const smtp = await start()
    await send(smtp.url)
    const [arrived] = smtp.mails
    expect(arrived).toMatchObject({
      from: 'no-reply@shop.example',
      to: ['ann@customer.example'],
      subject: 'Confirm — 確認',
      headers: { 'message-id': mail.messageId, 'auto-submitted': 'auto-generated' },
    })
    expect(arrived?.text.replaceAll('\r\n', '\n').trimEnd()).toBe('Hello\n.\nBye')
    expect(arrived?.html.trim()).toBe('<p>Hello</p>')
  })

  it.each([
    { to: 'a@x.example,b@y.example' },
    { to: 'a@x.example\r\nBcc: all@evil.example' },
    { subject: 'Hello\r\nBcc: all@evil.example' },
    { from: 'Shop\r\nBcc: x <a@x.example>' },
  ])('with a second recipient or header in it never leaves: %j', async (changes) => {
    const smtp = await start()
    await expect(send(smtp.url, changes)).rejects.toMatchObject({ code: 'mail_malformed' })
    expect(smtp.attempts).toBe(0)
  })
})

describe('a refusal', () => {
  it.each([
    ['DATA', 451, 'mail_deferred'],
    ['DATA', 452, 'mail_deferred'],
    ['DATA', 550, 'mail_rejected'],
    ['DATA', 554, 'mail_rejected'],
  ])('of %s with %i is %s', async (_command, code, expected) => {
    const smtp = await start()
    smtp.behave({ kind: 'refuse', code, message: 'no ann@customer.example' })
    await expect(send(smtp.url)).rejects.toMatchObject({ code: expected })
  })

  it.each([
    [450, 'mail_deferred'],
    [550, 'mail_rejected'],
  ])('of the recipient with %i is %s', async (code, expected) => {
    const onRcptTo: SMTPServerOptions['onRcptTo'] = (_to, _session, done) => done(refuse(code))
    const host = await startStrict({ onRcptTo })
    await expect(send(`smtp://${host}`)).rejects.toMatchObject({ code: expected })
  })

  it.each([451, 530, 553])(
    'of our sender with %i says that no mail can be sent, not that this one is bad',
    async (code) => {
      const onMailFrom: SMTPServerOptions['onMailFrom'] = (_from, _session, done) =>
        done(refuse(code))
      const host = await startStrict({ onMailFrom })
      await expect(send(`smtp://${host}`)).rejects.toMatchObject({
        code: 'mail_server_unavailable',
      })
    },
  )

  it('of our password says that no mail can be sent', async () => {
    const onAuth: SMTPServerOptions['onAuth'] = (_auth, _session, done) => done(refuse(535))
    const host = await startStrict({ onAuth, allowInsecureAuth: true })
    const url = `smtp://user:hunter2hunter2@${host}`
    await expect(send(url)).rejects.toMatchObject({ code: 'mail_server_unavailable' })
  })

  it('leaves neither recipient nor password in the error', async () => {
    const onAuth: SMTPServerOptions['onAuth'] = (auth, _session, done) =>
      done(refuse(auth.password === 'hunter2hunter2' ? 535 : 450))
    const host = await startStrict({ onAuth, allowInsecureAuth: true })
    const error = await send(`smtp://user:hunter2hunter2@${host}`).catch((thrown) => thrown)
    const written = JSON.stringify(redact(error))
    expect(written).toContain('EAUTH')
    expect(written).not.toMatch(/ann@customer|hunter2|aHVudGVy/)
  })
})

describe('a mail server', () => {
  it('that is down makes no mail possible', async () => {
    const smtp = await start()
    await smtp.close()
    await expect(send(smtp.url)).rejects.toMatchObject({ code: 'mail_server_unavailable' })
  })

  it('that accepts connections and says nothing is given up after 15 seconds', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const connected = once(server, 'connection')
    const outcome = send(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const expected = expect(outcome).rejects.toMatchObject({ code: 'mail_server_unavailable' })
    const [socket] = await connected
    await clock.advance(15_000)
    await expected
    socket.destroy()
  })

  it('that takes the mail and never answers counts as an attempt, after a minute', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<void>()
    const onData: SMTPServerOptions['onData'] = (stream) => void stream.on('end', resolve).resume()
    const outcome = send(`smtp://${await startStrict({ onData, closeTimeout: 1 })}`)
    const expected = expect(outcome).rejects.toMatchObject({ code: 'mail_deferred' })
    await taken
    await clock.advance(15_000)
    await clock.advance(45_000)
    await expected
  })

  it('that is slow to answer is waited for', async () => {
    const smtp = await start()
    smtp.behave({ kind: 'slow', ms: 50 })
    await send(smtp.url)
    expect(smtp.mails).toHaveLength(1)
  })

  it('that dies after taking the mail counts as an attempt: it may have arrived', async () => {
    const smtp = await start()
    smtp.behave({ kind: 'cut' })
    await expect(send(smtp.url)).rejects.toMatchObject({ code: 'mail_deferred' })
  })

  it('gets the user name and password of its address', async () => {
    const seen: unknown[] = []
    const onAuth: SMTPServerOptions['onAuth'] = (auth, _session, done) => {
      seen.push([auth.username, auth.password])
      done(null, { user: 'u' })
    }
    const onData: SMTPServerOptions['onData'] = (stream, _session, done) => {
      stream.on('end', () => done()).resume()
    }
    const host = await startStrict({ onAuth, onData, allowInsecureAuth: true })
    await send(`smtp://a%40b:p%2Fw@${host}`)
    expect(seen).toEqual([['a@b', 'p/w']])
  })
})

describe('TLS', () => {
  it('that is required and not offered keeps password and mail at home', async () => {
    const seen: string[] = []
    const host = await startStrict({
      hideSTARTTLS: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => {
        seen.push('auth')
        done(null, { user: 'u' })
      },
      onMailFrom: (_from, _session, done) => {
        seen.push('mail')
        done()
      },
    })
    await expect(send(`smtp://u:p@${host}?tls=required`)).rejects.toMatchObject({
      code: 'mail_server_unavailable',
    })
    expect(seen).toEqual([])
  })

  it.each(['smtp', 'smtps'])('with a certificate of nobody is refused over %s', async (scheme) => {
    const seen: string[] = []
    const onMailFrom: SMTPServerOptions['onMailFrom'] = (_from, _session, done) => {
      seen.push('mail')
      done()
    }
    const host = await startStrict({ secure: scheme === 'smtps', onMailFrom })
    await expect(send(`${scheme}://${host}?tls=required`)).rejects.toMatchObject({
      code: 'mail_server_unavailable',
    })
    expect(seen).toEqual([])
  })

  it.each([
    ['smtp://mail.example?tls=none', 1],
    ['smtp://mail.example?tls=opportunistic', 1],
    ['smtp://localhost', 1],
    ['smtp://user:hunter2hunter2@mail.example', 0],
    ['smtps://mail.example', 0],
  ])('when relaxed is announced at once: %s', (url, warnings) => {
    const lines: string[] = []
    const logger = jsonLogger({ level: 'info', now: () => 0, write: (line) => lines.push(line) })
    smtpMailer({ url, logger })
    expect(lines).toHaveLength(warnings)
    expect(lines.join()).not.toContain('hunter2')
  })
})

describe('the driver', () => {
  it('is there when asked for at start', async () => {
    await smtpMailer({ url: 'smtp://localhost', logger: silentLogger }).ready()
  })
})
