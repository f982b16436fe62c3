import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { type Limits, rateLimited } from '../limits/index.ts'
import type {
  MailData,
  MailRenderer,
  MailTemplate,
  Outbox,
  RenderedMail,
  TakenFactors,
} from '../mail/index.ts'
import type { Clock } from '../ports/index.ts'
import type { UserRow } from '../users/index.ts'
import { accountText, type LinkAccount } from './link-account.ts'
import type { Links } from './links.ts'
import type { LinkPurpose } from './table.ts'

export interface RecoveryMailParts {
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly links: Links
  readonly limits: Limits
  readonly clock: Clock
  readonly appName: string
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
  /** See `NewLink`. */
  readonly credentialsVersion?: number
  /** The account that is asked to be confirmed, for a reader who may not be its owner. */
  readonly account?: LinkAccount
  /** Second factors that a report has taken back; the mail of `secure` tells. */
  readonly taken?: TakenFactors
}

export type ClosedAccount = Pick<UserRow, 'id' | 'email'>

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

  /**
   * False when the address has had its share; the caller goes on and the mail is suppressed. Each kind
   * has a share of its own, so that nobody uses up the way back by asking for something else.
   */
  async mayMail(kind: 'reset' | 'change', name: string): Promise<boolean> {
    const { limits } = this.#parts
    return (await limits.consume('mail_address', `${kind} ${name}`)).allowed
  }

  /** Issues a link and mails it: one row of each, whoever it is for. */
  async sendLink(trx: Trx, mail: LinkMail): Promise<void> {
    const { account, kind, origin, taken, to, userId, ...tie } = mail
    const { clock, links, lives, pages } = this.#parts
    const { life, page, purpose } = styles[kind]
    const template = taken ? 'secure-account-factors' : styles[kind].template
    const lifeMs = lives[life]
    const token = await links.issue(trx, { purpose, userId, email: to, lifeMs, ...tie })
    const link = `${pages}${page}?token=${token}`
    const expiresAt = clock.now() + lifeMs
    const suppressed = userId === undefined
    const about = account && accountText(account)
    const facts = { at: clock.now(), ip: origin.ip, userAgent: origin.userAgent, account: about }
    const content = this.#render(template, {
      ...{ link, lifeMs, facts, takeBackMs: lives.reportMs },
      ...(taken ? { taken } : {}),
    })
    await this.#enqueue(trx, { template, to, content, expiresAt, suppressed })
  }

  /** Tells that an account is closed, with a link for whoever did not close it. */
  async sendClosed(trx: Trx, { email: to, id: userId }: ClosedAccount): Promise<void> {
    const { clock, links, lives, pages } = this.#parts
    const lifeMs = lives.reportMs
    const token = await links.issue(trx, { purpose: 'report', userId, email: to, lifeMs })
    const content = this.#render('account-closed', {
      link: `${pages}/not-me?token=${token}`,
      lifeMs,
    })
    const expiresAt = clock.now() + lifeMs
    await this.#enqueue(trx, { template: 'account-closed', to, content, expiresAt })
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
