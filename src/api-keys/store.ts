import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { ApiKeyRow } from './table.ts'

/** Adds a key; false when its hash is there already, as that of an imported one may be. */
export function insertKey(trx: Trx, row: ApiKeyRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_api_keys', row)
}

export function findKey(db: Db, id: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('hf_api_keys').selectAll().where('id', '=', id).executeTakeFirst()
}

/** A key that was made elsewhere, by the hash of all of it. */
export function findImportedKey(db: Db, hash: string): Promise<ApiKeyRow | undefined> {
  return db
    .selectFrom('hf_api_keys')
    .selectAll()
    .where('hash', '=', hash)
    .where('imported', '=', 1)
    .executeTakeFirst()
}

/** Which of these hashes are those of keys that are there. */
export async function findImportedHashes(db: Db, hashes: readonly string[]): Promise<string[]> {
  if (hashes.length === 0) return []
  const rows = await db
    .selectFrom('hf_api_keys')
    .select('hash')
    .where('hash', 'in', [...hashes])
    .execute()
  return rows.map(({ hash }) => hash)
}

/** Which keys of one owner are listed. */
export interface OwnKeyPage {
  readonly limit: number
  /** Creation and id of the last one of the page before. */
  readonly after?: { readonly at: number; readonly id: string }
}

/** Keys of one owner, decoys not among them, the newest first. */
export function findKeysOf(
  db: Db,
  ownerId: string,
  { after, limit }: OwnKeyPage,
): Promise<ApiKeyRow[]> {
  let query = db
    .selectFrom('hf_api_keys')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('decoy', '=', 0)
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '<', after.at),
        eb.and([eb('created_at', '=', after.at), eb('id', '<', after.id)]),
      ]),
    )
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

/** The keys of an owner that work at `now`. */
export function findWorkingKeysOf(db: Db, ownerId: string, now: number): Promise<ApiKeyRow[]> {
  return workingKeys(db, ownerId, now).selectAll().execute()
}

/** Which keys are listed to administrators. */
export interface KeyPage {
  readonly ownerId?: string
  readonly limit: number
  /** Creation and id of the last one of the page before. */
  readonly after?: { readonly at: number; readonly id: string }
}

/** Keys of all owners, decoys among them, in the order of their creation. */
export function findKeys(db: Db, { after, limit, ownerId }: KeyPage): Promise<ApiKeyRow[]> {
  let query = db.selectFrom('hf_api_keys').selectAll()
  if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId)
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '>', after.at),
        eb.and([eb('created_at', '=', after.at), eb('id', '>', after.id)]),
      ]),
    )
  }
  return query.orderBy('created_at').orderBy('id').limit(limit).execute()
}

/** How many keys of an owner work at `now`. */
export async function countWorkingKeys(db: Db, ownerId: string, now: number): Promise<number> {
  const row = await workingKeys(db, ownerId, now)
    .select(({ fn }) => fn.countAll<number>().as('keys'))
    .executeTakeFirst()
  return Number(row?.keys ?? 0)
}

/** How many keys of an owner were made after `since`, whatever has become of them. */
export async function countKeysMade(db: Db, ownerId: string, since: number): Promise<number> {
  const row = await db
    .selectFrom('hf_api_keys')
    .select(({ fn }) => fn.countAll<number>().as('keys'))
    .where('owner_id', '=', ownerId)
    .where('created_at', '>', since)
    .executeTakeFirst()
  return Number(row?.keys ?? 0)
}

/** Whether the key that this one replaces works at `now`. */
export async function hasWorkingPredecessor(
  db: Db,
  { id, owner_id }: Pick<ApiKeyRow, 'id' | 'owner_id'>,
  now: number,
): Promise<boolean> {
  const row = await workingKeys(db, owner_id, now)
    .select('id')
    .where('successor_id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

function workingKeys(db: Db, ownerId: string, now: number) {
  return db
    .selectFrom('hf_api_keys')
    .where('owner_id', '=', ownerId)
    .where('decoy', '=', 0)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
}

/** Names the one successor of a key that works at `now`; false for any other, and the second time. */
export async function succeedKey(
  trx: Trx,
  id: string,
  by: { readonly successorId: string; readonly endsAt: number; readonly now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_api_keys')
    .set({ successor_id: by.successorId, ends_at: by.endsAt })
    .where('id', '=', id)
    .where('successor_id', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', by.now)]))
    .executeTakeFirst()
  return affected(result) === 1
}

/** Ends a key for good; false when it was ended before. */
export async function revokeKey(
  trx: Trx,
  id: string,
  { now, reason }: { readonly now: number; readonly reason: string | null },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_api_keys')
    .set({ revoked_at: now, revoke_reason: reason })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** The use of a key that waits to be written. */
export interface KeyUse {
  readonly id: string
  readonly at: number
  readonly ip: string | null
}

/** Notes the last use of a key, unless another node has noted a later one. */
export async function noteKeyUse(trx: Trx, { at, id, ip }: KeyUse): Promise<void> {
  await trx
    .updateTable('hf_api_keys')
    .set(({ fn, val }) => ({
      first_used_at: fn.coalesce('first_used_at', val(at)),
      last_used_at: at,
      last_used_ip: ip,
    }))
    .where('id', '=', id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)]))
    .execute()
}

/** Notes that somebody showed a decoy; true the first time alone. */
export async function tripDecoy(trx: Trx, { at, id, ip }: KeyUse): Promise<boolean> {
  const result = await trx
    .updateTable('hf_api_keys')
    .set({ first_used_at: at, last_used_at: at, last_used_ip: ip })
    .where('id', '=', id)
    .where('decoy', '=', 1)
    .where('first_used_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Deletes at most `limit` keys that have ended before `before`; how many it found. */
export async function deleteEndedKeys(trx: Trx, before: number, limit: number): Promise<number> {
  const rows = await trx
    .selectFrom('hf_api_keys')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('revoked_at', '<', before),
        eb('expires_at', '<', before),
        eb('ends_at', '<', before),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await trx.deleteFrom('hf_api_keys').where('id', 'in', ids).execute()
  return ids.length
}
