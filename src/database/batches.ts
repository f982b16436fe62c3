import type { Database, Trx } from './types.ts'

const mostRounds = 1_000

export interface BatchBounds {
  /** Most rows of one batch. */
  readonly size: number
  /** No batch begins once this has aborted. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Does work that may be long in batches, each in a transaction of its own, so that nobody waits long
 * for its locks. `batch` answers how many rows it found; the last is the one that found less than
 * `size`. After 1,000 batches the rest waits for the next call, so that it ends whatever comes.
 */
export async function inBatches(
  database: Database,
  { signal, size }: BatchBounds,
  batch: (trx: Trx, size: number) => Promise<number>,
): Promise<void> {
  for (let round = 0; round < mostRounds && !signal?.aborted; round++) {
    if ((await database.transaction((trx) => batch(trx, size))) < size) return
  }
}
