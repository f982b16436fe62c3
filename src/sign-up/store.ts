import { affected, type Db, type Trx } from '../database/index.ts'
import type { RealmName } from '../users/index.ts'
import type { RegistrationRow, RegistrationState } from './table.ts'

export async function insertRegistration(trx: Trx, row: RegistrationRow): Promise<void> {
  await trx.insertInto('hf_registrations').values(row).execute()
}

/** Spends a link; false when it is unknown, spent or past `now`. One of many callers gets true. */
export async function consumeRegistration(
  trx: Trx,
  tokenHash: string,
  now: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_registrations')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('state', '!=', 'closed')
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return affected(result) === 1
}

export function findRegistration(db: Db, tokenHash: string): Promise<RegistrationRow | undefined> {
  return db
    .selectFrom('hf_registrations')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

/** The realm of a registration is that of its account, which goes and takes its registrations along. */
function registrationsIn(db: Db, realm: string) {
  return db
    .selectFrom('hf_registrations')
    .innerJoin('hf_users', 'hf_users.id', 'hf_registrations.user_id')
    .where('hf_users.realm', '=', realm)
}

/**
 * Registrations of an address within their time, newest first. With `closed` also those that can never
 * be confirmed: sign-in must not tell the two apart.
 */
export function findLiveRegistrations(
  db: Db,
  email: RealmName,
  by: { readonly now: number; readonly closed: boolean },
): Promise<RegistrationRow[]> {
  const states: RegistrationState[] = by.closed
    ? ['open', 'unmailed', 'closed']
    : ['open', 'unmailed']
  return registrationsIn(db, email.realm)
    .selectAll('hf_registrations')
    .where('hf_registrations.email_canonical', '=', email.canonical)
    .where('state', 'in', states)
    .where('used_at', 'is', null)
    .where('expires_at', '>', by.now)
    .orderBy('hf_registrations.created_at', 'desc')
    .orderBy('hf_registrations.id', 'desc')
    .limit(20)
    .execute()
}

/**
 * Whether anybody else registered the address, also long ago: only rows that were swept are forgotten.
 * With `state`, whether such a registration is in it.
 */
export async function hasOtherRegistration(
  db: Db,
  registration: Pick<RegistrationRow, 'email_canonical' | 'origin_id'> & { readonly realm: string },
  state?: RegistrationState,
): Promise<boolean> {
  const row = await registrationsIn(db, registration.realm)
    .select('hf_registrations.id')
    .where('hf_registrations.email_canonical', '=', registration.email_canonical)
    .where('origin_id', '!=', registration.origin_id)
    .where('state', 'in', state ? [state] : ['open', 'unmailed'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteRegistrationsOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('hf_registrations').where('user_id', '=', userId).execute()
}

/** Removes registrations whose links ran out before `before`, at most `limit`, in key order. */
export async function deleteExpiredRegistrations(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_registrations')
    .select('id')
    .where('expires_at', '<=', before)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id).sort()
  await trx.deleteFrom('hf_registrations').where('id', 'in', ids).execute()
  return rows.length
}

/** Removes accounts that registered themselves, were never confirmed and have nothing that waits. */
export async function deleteAbandonedUsers(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_users')
    .leftJoin('hf_registrations', 'hf_registrations.user_id', 'hf_users.id')
    .select('hf_users.id')
    .where('hf_users.status', '=', 'pending')
    .where('hf_users.created_by', 'is', null)
    .where('hf_users.created_at', '<', before)
    .where('hf_registrations.id', 'is', null)
    .orderBy('hf_users.id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  await trx.deleteFrom('hf_users').where('id', 'in', ids).where('status', '=', 'pending').execute()
  return rows.length
}
