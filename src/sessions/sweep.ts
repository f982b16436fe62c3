import { type Database, inBatches } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { endByItself } from './end.ts'
import { deleteEndedSessions, deleteSpentTokens, findExpiredSessions } from './store.ts'

/** Small, as each batch holds the lock under which sessions are revoked. */
const endBatch = 50
const deleteBatch = 200
const dayMs = 24 * 60 * 60 * 1000
const keepSpentMs = dayMs
const keepEndedMs = 90 * dayMs

export interface SweepParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
}

/**
 * Ends the sessions that ran out, forgets tokens a day after their session ended, and sessions 90
 * days after: until then they tell when and why.
 */
export async function sweepSessions(parts: SweepParts, signal?: AbortSignal): Promise<void> {
  const now = parts.clock.now()
  await endExpired(parts, now, signal)
  await forgetTokens(parts, now - keepSpentMs, signal)
  await inBatches(parts.database, { size: deleteBatch, signal }, (trx, size) =>
    deleteEndedSessions(trx, now - keepEndedMs, size),
  )
}

function endExpired(parts: SweepParts, now: number, signal?: AbortSignal): Promise<void> {
  return inBatches(parts.database, { size: endBatch, signal }, async (trx, size) => {
    const expired = await findExpiredSessions(trx, now, size)
    for (const session of expired) await endByItself(trx, parts, { ...session, reason: 'absolute' })
    return expired.length
  })
}

/** In the order of the key, each batch from where the one before it ended: one pass over the table. */
async function forgetTokens(
  { database }: SweepParts,
  before: number,
  signal?: AbortSignal,
): Promise<void> {
  let after = ''
  await inBatches(database, { size: deleteBatch, signal }, async (trx, limit) => {
    const hashes = await deleteSpentTokens(trx, { before, after, limit })
    database.afterCommit(trx, () => {
      after = hashes.at(-1) ?? after
    })
    return hashes.length
  })
}
