import { affected, type Db, type Trx } from '../database/index.ts'
import type { RegistrationRow } from './table.ts'

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

/** Registrations of an address that can still be confirmed, newest first. */
export function findLiveRegistrations(
  db: Db,
  emailCanonical: string,
  now: number,
): Promise<RegistrationRow[]> {
  return db
    .selectFrom('hf_registrations')
    .selectAll()
    .where('email_canonical', '=', emailCanonical)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(20)
    .execute()
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
