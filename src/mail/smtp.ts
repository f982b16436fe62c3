import type { SentMessageInfo, Transporter } from 'nodemailer'
import type { Clock, Logger, Mailer, OutgoingMail } from '../ports/index.ts'
import { systemClock } from '../ports/index.ts'
import { checkAddress, checkSubject, parseSender } from './address.ts'
import { Deadline } from './deadline.ts'
import { mailErrors } from './errors.ts'
import { smtpFailure } from './smtp-failure.ts'
import { parseSmtpUrl, type SmtpServer } from './smtp-url.ts'

const connectMs = 5_000
/** From the start until the whole mail is handed over. */
const handOverMs = 15_000
/**
 * From then until the server has answered. Generous, as a mail given up on in this state may have
 * arrived and is sent twice (RFC 5321 section 4.5.3.2.6 asks for ten minutes).
 */
const answerMs = 60_000

export interface SmtpMailerOptions {
  /** `smtp[s]://user:password@host:port[?tls=required|opportunistic|none]`. */
  readonly url: string
  readonly logger: Logger
  readonly clock?: Clock
}

export interface SmtpMailer extends Mailer {
  /** Rejects with `mail_driver_missing` when nodemailer is not installed. Connects to nothing. */
  ready(): Promise<void>
}

type Nodemailer = typeof import('nodemailer')

/**
 * Delivers by SMTP, one connection a mail. TLS with a valid certificate is required unless the
 * server is this machine or the address says otherwise, which is logged. Sender, recipient and
 * subject are single plain values, so no header or recipient can be injected. `send` settles within
 * 75 seconds and rejects with `mail_rejected`, `mail_deferred` or `mail_server_unavailable`.
 *
 * Throws `smtp_url_invalid` at once for an address that cannot be read.
 */
export function smtpMailer(options: SmtpMailerOptions): SmtpMailer {
  const server = parseSmtpUrl(options.url)
  const clock = options.clock ?? systemClock
  if (server.tls !== 'required') {
    options.logger.warn('mail leaves without required TLS', { host: server.host, tls: server.tls })
  }
  return {
    async ready() {
      await loadNodemailer()
    },
    async send(mail) {
      await deliver({ nodemailer: await loadNodemailer(), server, clock }, mail)
    },
  }
}

async function loadNodemailer(): Promise<Nodemailer> {
  try {
    return await import('nodemailer')
  } catch (cause) {
    throw mailErrors.mail_driver_missing({ cause })
  }
}

interface Delivery {
  readonly nodemailer: Nodemailer
  readonly server: SmtpServer
  readonly clock: Clock
}

async function deliver({ nodemailer, server, clock }: Delivery, mail: OutgoingMail): Promise<void> {
  const message = {
    messageId: mail.messageId,
    from: parseSender(mail.from),
    to: { name: '', address: checkAddress(mail.to) },
    subject: checkSubject(mail.subject),
    text: mail.text,
    html: mail.html,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const transport = nodemailer.createTransport(transportOptions(server))
  const deadline = new Deadline(clock, handOverMs)
  onHandedOver(transport, () => deadline.extend(answerMs))
  try {
    const signal = deadline.signal
    await transport.sendMail({ ...message, signal })
  } catch (error) {
    throw smtpFailure(error, deadline.extended)
  } finally {
    deadline.cancel()
    transport.close()
  }
}

function transportOptions(server: SmtpServer) {
  return {
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    requireTLS: server.tls === 'required' && !server.implicitTls,
    ignoreTLS: server.tls === 'none',
    tls: { minVersion: 'TLSv1.2' as const },
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: answerMs,
    ...(server.auth ? { auth: server.auth } : {}),
  }
}

/** Calls back once the connection has read the mail to its end. */
function onHandedOver(transport: Transporter<SentMessageInfo>, callback: () => void): void {
  transport.use('stream', (mail, done) => {
    mail.message.processFunc((input) => {
      input.once('end', callback)
      return input
    })
    done()
  })
}
