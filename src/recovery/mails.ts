import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { type Limits, rateLimited } from '../limits/index.ts'
import type { MailData, MailRenderer, MailTemplate, Outbox, RenderedMail } from '../mail/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Links } from './links.ts'
import type { LinkPurpose } from './table.ts'

export interface RecoveryMailParts {
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly links: Links
  readonly limits: Limits
  readonly clock: Clock
  readonly appName: string
  /** Absolute address of the app. */
  readonly home: string
  /** Absolute address of the account's pages; each mail names its own below it. */
  readonly pages: string
  readonly lives: LinkLives
}

/** How long links work, in milliseconds. */
export interface LinkLives {
  readonly resetPasswordMs: number
  readonly changeEmailMs: number
  readonly reportMs: number
}

/** A mail with a link. Without `userId` both are written, open nothing and are never sent. */
export interface LinkMail {
  readonly kind: LinkMailKind
  readonly userId: string | undefined
  readonly to: string
  /** Where it was asked for; the mail tells. */
  readonly origin: Origin
}

export type LinkMailKind = 'reset' | 'secure' | 'change_email'

interface LinkMailStyle {
  readonly template: MailTemplate
  readonly purpose: LinkPurpose
  readonly page: string
  readonly life: keyof LinkLives
}

const styles: Readonly<Record<LinkMailKind, LinkMailStyle>> = {
  reset: {
    template: 'reset-password',
    purpose: 'reset',
    page: '/reset',
    life: 'resetPasswordMs',
  },
  secure: { template: 'secure-account', purpose: 'secure', page: '/reset', life: 'reportMs' },
  change_email: {
    template: 'change-email',
    purpose: 'change_email',
    page: '/confirm-email',
    life: 'changeEmailMs',
  },
}

/** The mails of recovery, and how many of them an address or a client may cause. */
export class RecoveryMails {
  readonly #parts: RecoveryMailParts

  constructor(parts: RecoveryMailParts) {
    this.#parts = parts
  }

  /** Throws `rate_limited` for a client that has caused too many mails. */
  async limitClient(clientKey: string): Promise<void> {
    const verdict = await this.#parts.limits.consume('mail_client', clientKey)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  /** False when the address has had its share; the caller goes on and the mail is suppressed. */
  async mayMail(emailCanonical: string): Promise<boolean> {
    return (await this.#parts.limits.consume('mail_address', emailCanonical)).allowed
  }

  /** Issues a link and mails it: one row of each, whoever it is for. */
  async sendLink(trx: Trx, { kind, origin, to, userId }: LinkMail): Promise<void> {
    const { clock, links, lives, pages } = this.#parts
    const { life, page, purpose, template } = styles[kind]
    const lifeMs = lives[life]
    const token = await links.issue(trx, { purpose, userId, email: to, lifeMs })
    const link = `${pages}${page}?token=${token}`
    const expiresAt = clock.now() + lifeMs
    const suppressed = userId === undefined
    const facts = { at: clock.now(), ip: origin.ip, userAgent: origin.userAgent }
    const content = this.#render(template, { link, lifeMs, facts })
    await this.#enqueue(trx, { template, to, content, expiresAt, suppressed })
  }

  async sendClosed(trx: Trx, to: string): Promise<void> {
    const content = this.#render('account-closed', { link: this.#parts.home })
    await this.#enqueue(trx, { template: 'account-closed', to, content })
  }

  #render(template: MailTemplate, data: Omit<MailData, 'appName'>): RenderedMail {
    const { appName, render } = this.#parts
    return render(template, { appName, ...data })
  }

  async #enqueue(
    trx: Trx,
    mail: {
      readonly template: MailTemplate
      readonly to: string
      readonly content: RenderedMail
      readonly expiresAt?: number
      readonly suppressed?: boolean
    },
  ): Promise<void> {
    const { content, template, ...frame } = mail
    await this.#parts.outbox.enqueue(trx, { kind: template, ...frame, ...content })
  }
}
