import type { Mailer, OutgoingMail } from '../ports/index.ts'

/** Keeps the mails that would have been sent. */
export class TestMailbox implements Mailer {
  readonly #mails: OutgoingMail[] = []

  async send(mail: OutgoingMail): Promise<void> {
    this.#mails.push(mail)
  }

  /** All mails in the order of their delivery; of one recipient if asked. */
  list(to?: string): readonly OutgoingMail[] {
    return to === undefined ? [...this.#mails] : this.#mails.filter((mail) => mail.to === to)
  }

  /** The newest mail to an address. Throws when there is none. */
  latest(to: string): OutgoingMail {
    const mail = this.list(to).at(-1)
    if (!mail) throw new Error(`no mail to ${to} has been delivered`)
    return mail
  }

  /** The token in the link of the newest mail to an address. */
  latestToken(to: string): string {
    const token = /[?&]token=([A-Za-z0-9_-]+)/.exec(this.latest(to).text)?.[1]
    if (token === undefined) throw new Error(`the newest mail to ${to} holds no link with a token`)
    return token
  }
}
