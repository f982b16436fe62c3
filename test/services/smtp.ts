import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import { type ParsedMail, parseMail } from './mime.ts'

export interface ReceivedMail extends ParsedMail {
  /** Envelope, which is what decides who gets it. */
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
}

/** How the server answers the next mails. A mail is kept only when it is accepted. */
export type SmtpBehaviour =
  | { readonly kind: 'accept' }
  /** Answers DATA with this code, for example 451 (try again) or 550 (never). */
  | { readonly kind: 'refuse'; readonly code: number; readonly message: string }
  /** Reads the mail and never answers. */
  | { readonly kind: 'hang' }
  /** Accepts after so many milliseconds. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Keeps the mail, then cuts the connection instead of answering: did it arrive? */
  | { readonly kind: 'cut' }

export interface SmtpTestServer {
  /** In the form of `SMTP_URL`. */
  readonly url: string
  /** Accepted mails, oldest first. */
  readonly mails: readonly ReceivedMail[]
  /** How many mails were handed over, accepted or not. */
  readonly attempts: number
  behave(behaviour: SmtpBehaviour): void
  /** The first accepted mail that fits, also one that is there already. */
  waitFor(fits: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>
  close(): Promise<void>
}

/** A mail server in the test's own process. Start it in the test file; other files cannot see it. */
export async function startSmtp(): Promise<SmtpTestServer> {
  const mails: ReceivedMail[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)
  let behaviour: SmtpBehaviour = { kind: 'accept' }
  let attempts = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    async onData(stream, session, answer) {
      attempts += 1
      const chosen = behaviour
      const mail = await receive(stream, session)
      if (chosen.kind === 'hang') return
      if (chosen.kind === 'refuse') return answer(refusal(chosen.code, chosen.message))
      if (chosen.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, chosen.ms))
      mails.push(mail)
      arrivals.emit('mail')
      if (chosen.kind === 'cut') return cut(server)
      answer()
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    get attempts() {
      return attempts
    },
    behave(next) {
      behaviour = next
    },
    async waitFor(fits) {
      for (;;) {
        const found = mails.find(fits)
        if (found !== undefined) return found
        await once(arrivals, 'mail')
      }
    },
    async close() {
      cut(server)
      await new Promise<void>((resolve) => server.close(resolve))
    },
  }
}

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<ReceivedMail> {
  const raw = await buffer(stream)
  const { mailFrom, rcptTo } = session.envelope
  const from = mailFrom === false ? '' : mailFrom.address
  const to = rcptTo.map((recipient) => recipient.address)
  return { ...parseMail(raw), from, to, raw: raw.toString() }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

function cut(server: SMTPServer): void {
  for (const connection of server.connections) connection.close()
}
