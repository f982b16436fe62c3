import { affected, type Db, deleteExpired, type Trx } from '../database/index.ts'
import type { InvitationRow } from './table.ts'

export async function insertInvitation(trx: Trx, row: InvitationRow): Promise<void> {
  await trx.insertInto('hf_invitations').values(row).execute()
}

/** An invitation that can be accepted at `now`, with the name of its organisation. */
export type OpenInvitation = InvitationRow & { readonly organisation_name: string }

/** An invitation by its hash, unless it is used, revoked, past its end, or its organisation closed. */
export function findOpenInvitation(
  db: Db,
  tokenHash: string,
  now: number,
): Promise<OpenInvitation | undefined> {
  return db
    .selectFrom('hf_invitations as i')
    .innerJoin('hf_organisations as o', 'o.id', 'i.organisation_id')
    .selectAll('i')
    .select('o.name as organisation_name')
    .where('i.token_hash', '=', tokenHash)
    .where('i.used_at', 'is', null)
    .where('i.revoked_at', 'is', null)
    .where('i.expires_at', '>', now)
    .where('o.status', '=', 'active')
    .executeTakeFirst()
}

/** The invitations of an organisation that can be accepted at `now`, the oldest first. */
export function findInvitations(
  db: Db,
  organisationId: string,
  now: number,
): Promise<InvitationRow[]> {
  return db
    .selectFrom('hf_invitations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1_000)
    .execute()
}

/**
 * Spends an invitation for the address it was sent to; false when it is not that address, or it is
 * spent, revoked, past `now`, or its organisation closed. Of many callers one gets true.
 */
export async function consumeInvitation(
  trx: Trx,
  {
    emailCanonical,
    id,
    now,
  }: { readonly id: string; readonly emailCanonical: string; readonly now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_invitations')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('email_canonical', '=', emailCanonical)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .where('organisation_id', 'in', (eb) =>
      eb.selectFrom('hf_organisations').select('id').where('status', '=', 'active'),
    )
    .executeTakeFirst()
  return affected(result) === 1
}

/** Which invitations of an organisation end: one, those of somebody, those by a member, or all. */
export interface EndedInvitations {
  readonly organisationId: string
  readonly id?: string
  /** Those to the address of an account now, and those that it got by another one. */
  readonly invited?: Invited
  readonly invitedBy?: string
  readonly now: number
}

/** Somebody who was invited. */
export interface Invited {
  readonly userId: string
  /** The address now. */
  readonly emailCanonical: string
}

/** Open invitations of an organisation, of an id or to an address. */
export function findInvitationsOf(
  trx: Trx,
  asked: Pick<EndedInvitations, 'organisationId' | 'id' | 'now'> & {
    readonly emailCanonical?: string
  },
): Promise<InvitationRow[]> {
  const { emailCanonical, id, now, organisationId } = asked
  let query = trx
    .selectFrom('hf_invitations')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
  if (id !== undefined) query = query.where('id', '=', id)
  if (emailCanonical !== undefined) query = query.where('email_canonical', '=', emailCanonical)
  return query.orderBy('id').execute()
}

/** Revokes open invitations; how many there were. */
export async function revokeInvitations(trx: Trx, ended: EndedInvitations): Promise<number> {
  const { id, invited, invitedBy, now, organisationId } = ended
  let query = trx
    .updateTable('hf_invitations')
    .set({ revoked_at: now })
    .where('organisation_id', '=', organisationId)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
  if (id !== undefined) query = query.where('id', '=', id)
  if (invited !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb('email_canonical', '=', invited.emailCanonical),
        eb('user_id', '=', invited.userId),
      ]),
    )
  }
  if (invitedBy !== undefined) query = query.where('invited_by', '=', invitedBy)
  return affected(await query.executeTakeFirst())
}

/** Deletes at most `limit` invitations that ended before `before`; how many it found. */
export function deleteExpiredInvitations(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_invitations', key: 'id', before }, limit)
}
