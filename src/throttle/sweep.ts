import { type Database, inBatches } from '../database/index.ts'
import { quietMs } from './rules.ts'
import { deleteQuietLanes, deleteQuietSubjects } from './store.ts'
import { typedPrefix } from './typed.ts'

/** Accounts and names nobody has alike: whoever waits for it to pass learns nothing. */
const keepQuietMs = 400 * 24 * 60 * 60 * 1000

/** Forgets lanes after 400 quiet days and typed names after one, whether or not somebody has the name. */
export async function sweepLanes(
  database: Database,
  now: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const inTurns = { size: 500, signal }
  await inBatches(database, inTurns, (trx, limit) =>
    deleteQuietSubjects(trx, typedPrefix, { before: now - quietMs, limit }),
  )
  await inBatches(database, inTurns, (trx, limit) =>
    deleteQuietLanes(trx, now - keepQuietMs, limit),
  )
}
