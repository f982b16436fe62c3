import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { GrantRow } from './table.ts'

/** Adds a grant; false when the role is held already. */
export function insertGrant(trx: Trx, grant: GrantRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_grants', grant)
}

/** Gives an expired grant a new life; false when it has not expired at `now`. */
export async function renewExpiredGrant(trx: Trx, grant: GrantRow, now: number): Promise<boolean> {
  const { user_id, role, ...values } = grant
  const result = await trx
    .updateTable('hf_grants')
    .set(values)
    .where('user_id', '=', user_id)
    .where('role', '=', role)
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return affected(result) === 1
}

export async function deleteGrant(trx: Trx, userId: string, role: string): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_grants')
    .where('user_id', '=', userId)
    .where('role', '=', role)
    .executeTakeFirst()
  return affected(result) === 1
}

/** The roles that count at `now`. */
export async function findRoles(db: Db, userId: string, now: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_grants')
    .select('role')
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
  return rows.map((row) => row.role)
}

/** The grants that count at `now`. */
export function findGrants(db: Db, userId: string, now: number): Promise<GrantRow[]> {
  return db
    .selectFrom('hf_grants')
    .selectAll()
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
}

/** When the first of somebody's grants runs out, if any does. */
export async function findNextExpiry(
  db: Db,
  userId: string,
  now: number,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('hf_grants')
    .select('expires_at')
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('expires_at')
    .limit(1)
    .executeTakeFirst()
  return row?.expires_at ?? undefined
}

/** Active, permanent holders of a role other than `exceptUserId`; one suffices, so it stops there. */
export async function hasOtherHolder(
  trx: Trx,
  role: string,
  exceptUserId: string,
): Promise<boolean> {
  const row = await trx
    .selectFrom('hf_grants')
    .innerJoin('hf_users', 'hf_users.id', 'hf_grants.user_id')
    .select('hf_grants.user_id')
    .where('hf_grants.role', '=', role)
    .where('hf_grants.expires_at', 'is', null)
    .where('hf_grants.user_id', '!=', exceptUserId)
    .where('hf_users.status', '=', 'active')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
