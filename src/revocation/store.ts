import { type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { RevocationRow } from './table.ts'

const topic = 'revocations'

/** Creates the version row; harmless when it exists. */
export async function ensureVersionRow(trx: Trx): Promise<void> {
  await insertIfAbsent(trx, 'hf_versions', { topic, version: 0 })
}

/** The next version. The row stays locked until the transaction ends, so versions commit in order. */
export async function nextVersion(trx: Trx): Promise<number> {
  await trx
    .updateTable('hf_versions')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('topic', '=', topic)
    .execute()
  return findVersion(trx)
}

export async function findVersion(db: Db): Promise<number> {
  const row = await db
    .selectFrom('hf_versions')
    .select('version')
    .where('topic', '=', topic)
    .executeTakeFirstOrThrow()
  return row.version
}

export async function insertRevocation(trx: Trx, row: RevocationRow): Promise<void> {
  await trx.insertInto('hf_revocations').values(row).execute()
}

export function findRevocationsAfter(
  db: Db,
  version: number,
  limit: number,
): Promise<RevocationRow[]> {
  return db
    .selectFrom('hf_revocations')
    .selectAll()
    .where('version', '>', version)
    .orderBy('version')
    .limit(limit)
    .execute()
}

/** Removes the oldest revocations before `before`, at most `limit`; nodes that missed them start cold. */
export async function deleteRevocationsBefore(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_revocations')
    .select('version')
    .where('at', '<', before)
    .orderBy('version')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const versions = rows.map((row) => row.version)
  await trx.deleteFrom('hf_revocations').where('version', 'in', versions).execute()
  return rows.length
}
