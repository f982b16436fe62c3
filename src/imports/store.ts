import { type Db, insertIfAbsent, type Trx } from '../database/index.ts'

/** Notes that a line was imported; false when it was before. */
export function insertImportedLine(trx: Trx, hash: string, at: number): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_imported_lines', { line_hash: hash, imported_at: at })
}

/** Which of these lines were imported before. */
export async function findImportedLines(
  db: Db,
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  if (hashes.length === 0) return new Set()
  const rows = await db
    .selectFrom('hf_imported_lines')
    .select('line_hash')
    .where('line_hash', 'in', [...hashes])
    .execute()
  return new Set(rows.map((row) => row.line_hash))
}
