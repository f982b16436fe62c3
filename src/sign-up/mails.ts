import type { Trx } from '../database/index.ts'
import { type Limits, rateLimited } from '../limits/index.ts'
import type { MailRenderer, Outbox } from '../mail/index.ts'
import type { Clock } from '../ports/index.ts'

export type MailNotice = 'verify' | 'username-taken' | 'registered'

export interface SignUpMailParts {
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly limits: Limits
  readonly clock: Clock
  readonly appName: string
  readonly linkMs: number
  readonly verifyPage: string
  readonly signInPage: string
}

export interface SignUpMail {
  readonly notice: MailNotice
  readonly to: string
  readonly token: string
  /** Written like any other and never sent, so that it costs the same. */
  readonly suppressed: boolean
}

/** The mails of registration, and how many of them an address or a client may cause. */
export class SignUpMails {
  readonly #parts: SignUpMailParts

  constructor(parts: SignUpMailParts) {
    this.#parts = parts
  }

  /** Throws `rate_limited` for a client that has caused too many mails. */
  async limitClient(clientKey: string): Promise<void> {
    const verdict = await this.#parts.limits.consume('mail_client', clientKey)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  /**
   * False when the address has had its share; the caller goes on and the mail is suppressed. Each kind
   * has a share of its own: a stranger may ask for repetitions that mail nobody, and keeps nobody from
   * registering.
   */
  async mayMail(kind: 'register' | 'resend', name: string): Promise<boolean> {
    const { limits } = this.#parts
    return (await limits.consume('mail_address', `${kind} ${name}`)).allowed
  }

  async enqueue(trx: Trx, mail: SignUpMail): Promise<void> {
    const { appName, clock, linkMs, outbox, render } = this.#parts
    const content = render(template(mail.notice), {
      appName,
      link: this.#link(mail),
      lifeMs: linkMs,
    })
    await outbox.enqueue(trx, {
      kind: 'sign-up',
      to: mail.to,
      ...content,
      expiresAt: clock.now() + linkMs,
      suppressed: mail.suppressed,
    })
  }

  #link(mail: SignUpMail): string {
    const { signInPage, verifyPage } = this.#parts
    return mail.notice === 'registered' ? signInPage : `${verifyPage}?token=${mail.token}`
  }
}

function template(notice: MailNotice) {
  if (notice === 'verify') return 'verify-email' as const
  return notice === 'registered'
    ? ('already-registered' as const)
    : ('verify-email-username-taken' as const)
}
