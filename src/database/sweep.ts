import type { Transaction } from 'kysely'
import type { Tables, Trx } from './types.ts'

/** Tables whose rows end at `expires_at`. */
type ExpiringTable = {
  [T in keyof Tables & string]: 'expires_at' extends keyof Tables[T] ? T : never
}[keyof Tables & string]

type Loose = Record<string, Record<string, unknown> & { expires_at: number }>

/** Which rows a sweep is about; `key` is what tells one from another. */
export interface ExpiringRows<T extends ExpiringTable> {
  readonly table: T
  readonly key: keyof Tables[T] & string
  /** Epoch milliseconds. */
  readonly before: number
}

/**
 * Deletes at most `limit` rows that ended before an instant, those first that ended first; how many it
 * found. It goes by key and in order, so that two sweepers cannot dead-lock. For rows that never come
 * back to life: one that was renewed after it was found would go too.
 */
export async function deleteExpired<T extends ExpiringTable>(
  trx: Trx,
  { before, key, table }: ExpiringRows<T>,
  limit: number,
): Promise<number> {
  const db = trx as unknown as Transaction<Loose>
  const name: string = key
  const rows = await db
    .selectFrom<string>(table)
    .select(name)
    .where('expires_at', '<', before)
    .orderBy('expires_at')
    .orderBy(name)
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const keys = rows.map((row) => row[name]).sort()
  await db.deleteFrom<string>(table).where(name, 'in', keys).execute()
  return rows.length
}
