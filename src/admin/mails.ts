import type { Trx } from '../database/index.ts'
import type { UserRow } from '../users/index.ts'
import type { UserAdministrationParts } from './parts.ts'

type MailParts = Pick<
  UserAdministrationParts,
  | 'appName'
  | 'clock'
  | 'invitationMs'
  | 'links'
  | 'outbox'
  | 'render'
  | 'resetMs'
  | 'resetPage'
  | 'secureMs'
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

  /**
   * A link for a new password; the one before is useless. `secure` for an account that its owner has
   * reported: it opens the lock of that report as well.
   */
  reset(trx: Trx, row: UserRow, purpose: 'reset' | 'secure'): Promise<void> {
    return this.#send(trx, row, purpose)
  }

  async #send(trx: Trx, row: UserRow, purpose: 'invitation' | 'reset' | 'secure'): Promise<void> {
    const { appName, clock, links, outbox, render, resetPage } = this.#parts
    const { invitationMs: invitation, resetMs: reset, secureMs: secure } = this.#parts
    const lifeMs = { invitation, reset, secure }[purpose]
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
