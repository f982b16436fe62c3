import type { Clock, Mailer, OutgoingMail } from '../ports/index.ts'

const keptMails = 200
const linkShape = /https?:\/\/[^\s<>"']+/g

/** A mail as the development mailbox shows it. */
export interface KeptMail {
  readonly id: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Every http(s) address of the text part, in order, each once. */
  readonly links: readonly string[]
}

/**
 * Takes mails instead of a mail server and keeps the last 200 in memory, for development and tests.
 * What it holds signs people in, so its page answers on loopback alone; see `mailboxRoutes`.
 */
export class DevelopmentMailbox implements Mailer {
  readonly #clock: Clock
  readonly #mails: KeptMail[] = []

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock
  }

  /** Keeps a mail; a second delivery with the same Message-ID is the same mail. */
  async send(mail: OutgoingMail): Promise<void> {
    const id = mail.messageId.replace(/^<|@.*$/g, '')
    if (this.#mails.some((kept) => kept.id === id)) return
    const { to, subject, text, html } = mail
    this.#mails.unshift({ id, at: this.#clock.now(), to, subject, text, html, links: links(text) })
    this.#mails.splice(keptMails)
  }

  /** Newest first; `to` picks one recipient, whatever the case of its letters. */
  list(filter: { readonly to?: string | undefined } = {}): KeptMail[] {
    const to = filter.to?.trim().toLowerCase()
    return this.#mails.filter((mail) => to === undefined || mail.to.toLowerCase() === to)
  }

  clear(): void {
    this.#mails.length = 0
  }
}

function links(text: string): string[] {
  const found = text.match(linkShape) ?? []
  return [...new Set(found.map((link) => link.replace(/[.,;:!?)\]]+$/, '')))].filter((link) =>
    URL.canParse(link),
  )
}
