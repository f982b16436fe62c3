import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { SigningKeyRow } from './table.ts'

/** Keys that may still verify something at `now`, oldest first. */
export function findSigningKeys(db: Db, now: number): Promise<SigningKeyRow[]> {
  return db
    .selectFrom('hf_signing_keys')
    .selectAll()
    .where((eb) => eb.or([eb('retire_at', 'is', null), eb('retire_at', '>', now)]))
    .orderBy('active_at')
    .orderBy('id')
    .execute()
}

export function insertSigningKey(trx: Trx, row: SigningKeyRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_signing_keys', row)
}

/** Gives every key but `exceptId` an end, where it has none. */
export async function retireOtherKeys(trx: Trx, exceptId: string, at: number): Promise<number> {
  const result = await trx
    .updateTable('hf_signing_keys')
    .set({ retire_at: at })
    .where('id', '!=', exceptId)
    .where('retire_at', 'is', null)
    .executeTakeFirst()
  return affected(result)
}
