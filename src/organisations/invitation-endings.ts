import type { By } from '../access/index.ts'
import { type Db, json, type Trx } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Authority, Promised } from './authority.ts'
import type { Changes } from './changes.ts'
import { findInvitationsOf, revokeInvitations } from './invitation-store.ts'
import { findMembers } from './member-store.ts'
import type { InvitationRow } from './table.ts'

/** The right that an invitation is made by. */
export const inviting = 'write:security:invitations'

/** Who owns an organisation first, may be said by whoever may make one, whatever they hold. */
export async function promisedBy(db: Db, row: InvitationRow): Promise<Promised> {
  const organisationId = row.organisation_id
  const isEmpty = (await findMembers(db, organisationId, { limit: 1 })).length === 0
  const roles = isEmpty ? [] : json.decode<readonly string[]>(row.roles)
  return { organisationId, permission: inviting, roles }
}

/** How invitations end before their time. Nobody takes back what outranks them, and each is told of. */
export class InvitationEndings {
  readonly #clock: Clock
  readonly #with: { readonly authority: Authority; readonly changes: Changes }

  constructor(clock: Clock, with_: { readonly authority: Authority; readonly changes: Changes }) {
    this.#clock = clock
    this.#with = with_
  }

  /** Ends open invitations, of an id or to an address; how many there were. */
  async end(
    trx: Trx,
    ended: {
      readonly organisationId: string
      readonly id?: string
      readonly emailCanonical?: string
    },
    by: By,
  ): Promise<number> {
    const open = await findInvitationsOf(trx, { ...ended, now: this.#clock.now() })
    let count = 0
    for (const row of open) if (await this.#endOne(trx, row, by)) count++
    return count
  }

  /** False when it was accepted meanwhile. */
  async #endOne(trx: Trx, row: InvitationRow, by: By): Promise<boolean> {
    const { authority, changes } = this.#with
    const { id, organisation_id: organisationId } = row
    if (by.giver) {
      const { roles } = await promisedBy(trx, row)
      await authority.refuseOutranked(trx, by.giver, { organisationId, roles })
    }
    const now = this.#clock.now()
    if ((await revokeInvitations(trx, { organisationId, id, now })) === 0) return false
    const payload = { organisationId, invitationId: id }
    await changes.record(trx, 'organisation.invitation_revoked', { payload, by })
    return true
  }
}
