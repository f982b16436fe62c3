import { affected, type Db, type Trx, upsert } from '../database/index.ts'
import type { FactorResetRow } from './table.ts'

/** A reset that begins to wait. */
export type NewReset = Omit<FactorResetRow, 'credentials_version'>

/** The reset that waits for an account, whether or not it still counts. */
export function findReset(db: Db, userId: string): Promise<FactorResetRow | undefined> {
  return db
    .selectFrom('hf_factor_resets')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** Lets a reset wait, in place of one that waited before. */
export async function putReset(trx: Trx, reset: NewReset): Promise<void> {
  const row = { ...reset, credentials_version: 0 }
  await upsert(trx, 'hf_factor_resets', row, {
    keys: ['user_id'],
    update: ['requested_by', 'reason', 'created_at', 'expires_at'],
  })
}

/** Takes the waiting reset of an account away; false when none waited. Of many callers one gets true. */
export async function deleteReset(trx: Trx, userId: string): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_factor_resets')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return affected(result) === 1
}

/** As `deleteReset`, of one that still waits at `now`. */
export async function deleteWaitingReset(trx: Trx, userId: string, now: number): Promise<boolean> {
  const waiting = await findReset(trx, userId)
  return waiting !== undefined && now < waiting.expires_at && deleteReset(trx, userId)
}

/** Deletes at most `limit` resets that ended before `now`; how many it found. */
export async function deleteExpiredResets(trx: Trx, now: number, limit: number): Promise<number> {
  const rows = await trx
    .selectFrom('hf_factor_resets')
    .select('user_id')
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .orderBy('user_id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.user_id).sort()
  await trx
    .deleteFrom('hf_factor_resets')
    .where('user_id', 'in', ids)
    .where('expires_at', '<=', now)
    .execute()
  return rows.length
}
