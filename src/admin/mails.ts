import type { Trx } from '../database/index.ts'
import type { UserRow } from '../users/index.ts'
import type { UserAdministrationParts } from './parts.ts'

type MailParts = Pick<
  UserAdministrationParts,
  'appName' | 'clock' | 'invitationMs' | 'links' | 'outbox' | 'render' | 'resetMs' | 'resetPage'
>

/** The links that an administrator's act sends to the owner of an account. One of a kind works at a time. */
export class AccountMails {
  readonly #parts: MailParts

  constructor(parts: MailParts) {
    this.#parts = parts
  }

  /** A link for the first password of an account that was made for somebody. */
  invite(trx: Trx, row: UserRow): Promise<void> {
    return this.#send(trx, row, 'invitation')
  }

  /** A link for a new password; the one before is useless. */
  reset(trx: Trx, row: UserRow): Promise<void> {
    return this.#send(trx, row, 'reset')
  }

  async #send(trx: Trx, row: UserRow, purpose: 'invitation' | 'reset'): Promise<void> {
    const { appName, clock, invitationMs, links, outbox, render, resetMs, resetPage } = this.#parts
    const lifeMs = purpose === 'invitation' ? invitationMs : resetMs
    await links.end(trx, row.id, [purpose])
    const token = await links.issue(trx, { purpose, userId: row.id, email: row.email, lifeMs })
    const template = purpose === 'invitation' ? 'invitation' : 'forced-reset'
    const link = `${resetPage}?token=${token}`
    const name = row.display_name === null ? {} : { displayName: row.display_name }
    await outbox.enqueue(trx, {
      kind: template,
      to: row.email,
      ...render(template, { appName, link, lifeMs, ...name }),
      expiresAt: clock.now() + lifeMs,
    })
  }
}
