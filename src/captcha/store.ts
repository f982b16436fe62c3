import { type Db, deleteExpired, insertIfAbsent, type Trx } from '../database/index.ts'
import type { SpentChallengeRow } from './table.ts'

/** Notes a challenge as used; of many callers, on whatever nodes, one gets true. */
export function insertSpentChallenge(trx: Trx, row: SpentChallengeRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_spent_challenges', row)
}

/** Whether a challenge was noted as used. Only {@link insertSpentChallenge} decides. */
export async function isSpentChallenge(db: Db, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('hf_spent_challenges')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Deletes at most `limit` rows that ended before `before`, by id and in order, so that two sweepers
 * cannot deadlock; how many it found.
 */
export function deleteSpentChallenges(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_spent_challenges', key: 'id', before }, limit)
}
