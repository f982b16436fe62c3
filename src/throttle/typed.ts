import type { Trx } from '../database/index.ts'
import { quietMs } from './rules.ts'
import { countTry, deleteClean, refundLane, takeShare } from './store.ts'
import type { GuessRow } from './table.ts'

/** What every subject of a typed name begins with. */
export const typedPrefix = 'typed:'
/** The lane that all who type the name share. */
export const typed = 'typed'

/**
 * A name as somebody typed it, in its canonical form. What a caller can see, the CAPTCHA, goes by what
 * was answered to this name alone, whoever has it: else failures at the address of an account would
 * show at its username. What nobody sees, delays and the limit, goes by the account.
 */
export interface TypedName {
  /** `typed:` and a keyed hash. */
  readonly subject: string
  /** Key of this client's share. */
  readonly share: string
}

/** Tries at the name that were answered like a wrong password, until a day has passed without any. */
export function failuresOf(rows: readonly GuessRow[], now: number): number {
  const row = rows.find(({ lane }) => lane === typed)
  return row && now - row.last_at < quietMs ? row.guesses : 0
}

/**
 * Counts one try, whether or not it was evaluated: a lane that is closed must not show by what is not
 * counted.
 */
export async function countTyped(trx: Trx, name: TypedName, now: number): Promise<void> {
  const { share, subject } = name
  const when = { now, since: now - quietMs }
  await countTry(trx, { subject, lane: share }, when)
  await countTry(trx, { subject, lane: typed }, when)
}

/** A success takes back what its own client got wrong at this name, and nothing of what others did. */
export async function takeBackTyped(trx: Trx, { share, subject }: TypedName): Promise<void> {
  const guesses = await takeShare(trx, { subject, lane: share })
  if (guesses === 0) return
  const together = { subject, lane: typed }
  await refundLane(trx, together, { guesses, streak: 0, openAt: 0, now: 0 })
  await deleteClean(trx, together)
}
