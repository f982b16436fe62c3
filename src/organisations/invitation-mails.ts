import type { Trx } from '../database/index.ts'
import { rateLimited } from '../limits/index.ts'
import type { OrganisationParts } from './parts.ts'
import type { InvitationRow } from './table.ts'

/** How many organisations may use up their whole share of an address. */
const sharesInAll = 5

/** Mails of invitations, and how many of them an address gets. */
export class InvitationMails {
  readonly #parts: OrganisationParts

  constructor(parts: OrganisationParts) {
    this.#parts = parts
  }

  /** Throws `rate_limited` for a client that has caused too many mails. */
  async limitClient(clientKey: string): Promise<void> {
    const verdict = await this.#parts.limits.consume('mail_client', clientKey)
    if (!verdict.allowed) throw rateLimited(verdict)
  }

  /**
   * Throws `rate_limited` for an address that this organisation mailed its share. False for one that all
   * of them mailed too much: nothing tells one tenant what another one does, so the mail alone is left out.
   */
  async mayMail(organisationId: string, emailCanonical: string): Promise<boolean> {
    const { limits } = this.#parts
    const share = `organisation ${organisationId} ${emailCanonical}`
    const verdict = await limits.consume('mail_address', share)
    if (!verdict.allowed) throw rateLimited(verdict)
    const one = limits.policy('mail_address')
    const all = { ...one, points: one.points * sharesInAll }
    return (await limits.consume(all, `organisations ${emailCanonical}`)).allowed
  }

  /** The token stands here and nowhere else. */
  async enqueue(
    trx: Trx,
    row: InvitationRow,
    { organisation, token }: { readonly token: string; readonly organisation: string },
  ): Promise<void> {
    const { appName, invitationPage, outbox, render } = this.#parts
    const template = 'organisation-invitation'
    const link = `${invitationPage}?token=${token}`
    const facts = { at: row.created_at, organisation }
    const lifeMs = row.expires_at - row.created_at
    await outbox.enqueue(trx, {
      kind: template,
      to: row.email,
      ...render(template, { appName, link, lifeMs, facts }),
      expiresAt: row.expires_at,
    })
  }
}
