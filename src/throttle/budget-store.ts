import { affected, insertIfAbsent, type Trx } from '../database/index.ts'
import { deleteClean, type LaneKey, refundLane } from './store.ts'

/**
 * Counts one guess in a row that several lanes share, unless `limit` are counted there; false when they
 * are. One statement is the whole decision: of any number of guesses at once no more get through.
 */
export async function takeFromBudget(
  trx: Trx,
  key: LaneKey,
  { limit, now }: { readonly limit: number; readonly now: number },
): Promise<boolean> {
  if (await addBelow(trx, key, { limit, now })) return true
  const { lane, subject } = key
  const fresh = { streak: 0, open_at: 0, last_failure_at: null, attacked_at: null }
  const row = { subject, lane, ...fresh, guesses: 1, last_at: now }
  return (
    (await insertIfAbsent(trx, 'hf_guesses', row)) || (await addBelow(trx, key, { limit, now }))
  )
}

/** Takes guesses back that were counted so. */
export async function returnToBudget(trx: Trx, key: LaneKey, guesses: number): Promise<void> {
  await refundLane(trx, key, { guesses, streak: 0, openAt: -1, now: 0 })
  await deleteClean(trx, key)
}

async function addBelow(
  trx: Trx,
  key: LaneKey,
  { limit, now }: { readonly limit: number; readonly now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_guesses')
    .set((eb) => ({ guesses: eb('guesses', '+', 1), last_at: now }))
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .where('guesses', '<', limit)
    .executeTakeFirst()
  return affected(result) === 1
}
