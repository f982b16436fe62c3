import {
  affected,
  type Db,
  deleteExpired,
  insertIfAbsent,
  type Trx,
  upsert,
} from '../database/index.ts'
import type { ClientKeyRow, EncryptionKeyRow, SignatureNonceRow } from './table.ts'

/** Uses up a nonce; of many callers, on whatever nodes, one gets true. */
export function insertSignatureNonce(trx: Trx, row: SignatureNonceRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_signature_nonces', row)
}

/** Deletes at most `limit` nonces that ended before `before`, by id and in order; how many it found. */
export function deleteSignatureNonces(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_signature_nonces', key: 'id', before }, limit)
}

/** Makes `row` the key of its session, in place of one that it had. */
export function putClientKey(trx: Trx, row: ClientKeyRow): Promise<void> {
  return upsert(trx, 'hf_client_keys', row, {
    keys: ['session_id'],
    update: ['key_id', 'public_jwk', 'created_at'],
  })
}

export function findClientKey(db: Db, sessionId: string): Promise<ClientKeyRow | undefined> {
  return db
    .selectFrom('hf_client_keys')
    .selectAll()
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
}

/** Keys that may open something at `now`, oldest first. */
export function findEncryptionKeys(db: Db, now: number): Promise<EncryptionKeyRow[]> {
  return db
    .selectFrom('hf_encryption_keys')
    .selectAll()
    .where((eb) => eb.or([eb('retire_at', 'is', null), eb('retire_at', '>', now)]))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export function insertEncryptionKey(trx: Trx, row: EncryptionKeyRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_encryption_keys', row)
}

/** Gives every key made before `before` an end, where it has none; how many. */
export async function retireEncryptionKeys(
  trx: Trx,
  before: number,
  retireAt: number,
): Promise<number> {
  const result = await trx
    .updateTable('hf_encryption_keys')
    .set({ retire_at: retireAt })
    .where('created_at', '<', before)
    .where('retire_at', 'is', null)
    .executeTakeFirst()
  return affected(result)
}

/** Destroys keys whose time is over: from then on nobody can open what was encrypted to them. */
export async function deleteRetiredEncryptionKeys(trx: Trx, now: number): Promise<number> {
  const result = await trx
    .deleteFrom('hf_encryption_keys')
    .where('retire_at', '<=', now)
    .executeTakeFirst()
  return affected(result)
}
