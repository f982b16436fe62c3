import { affected, type Db, deleteExpired, type Trx } from '../database/index.ts'
import type { LinkPurpose, LinkRow } from './table.ts'

export async function insertLink(trx: Trx, row: LinkRow): Promise<void> {
  await trx.insertInto('hf_links').values(row).execute()
}

/** A link by its hash and purpose, whether or not it can still be used, and the realm of its account. */
export function findLink(
  db: Db,
  tokenHash: string,
  purposes: readonly LinkPurpose[],
): Promise<(LinkRow & { readonly realm: string | null }) | undefined> {
  return db
    .selectFrom('hf_links')
    .leftJoin('hf_users', 'hf_users.id', 'hf_links.user_id')
    .selectAll('hf_links')
    .select('hf_users.realm')
    .where('token_hash', '=', tokenHash)
    .where('purpose', 'in', [...purposes])
    .executeTakeFirst()
}

/** Spends a link; false when it is spent or past `now`. Of many callers one gets true. */
export async function consumeLink(trx: Trx, id: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_links')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Ends the links of an account that were not used yet. */
export async function endLinks(
  trx: Trx,
  userId: string,
  by: {
    readonly purposes: readonly LinkPurpose[]
    readonly now: number
    /** Only links made then or later. */
    readonly since?: number
  },
): Promise<void> {
  let query = trx
    .updateTable('hf_links')
    .set({ used_at: by.now })
    .where('user_id', '=', userId)
    .where('purpose', 'in', [...by.purposes])
    .where('used_at', 'is', null)
  if (by.since !== undefined) query = query.where('created_at', '>=', by.since)
  await query.execute()
}

/** The oldest link of an account and purpose that can still be used at `now` and is about `email`. */
export function findOpenLink(
  db: Db,
  userId: string,
  by: { readonly purpose: LinkPurpose; readonly email: string; readonly now: number },
): Promise<LinkRow | undefined> {
  return db
    .selectFrom('hf_links')
    .selectAll()
    .where('user_id', '=', userId)
    .where('purpose', '=', by.purpose)
    .where('email', '=', by.email)
    .where('used_at', 'is', null)
    .where('expires_at', '>', by.now)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** Deletes at most `limit` links that ended before `before`; how many it found. */
export function deleteExpiredLinks(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_links', key: 'id', before }, limit)
}
