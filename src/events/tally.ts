import type { Database, Trx } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'

/** Things told apart at once; further ones are added up under what they share. */
const maxKeys = 1_000

/** How often something happened, and what it was. */
export interface Counted<T> {
  readonly about: T
  /** The first time, epoch milliseconds. */
  readonly since: number
  readonly count: number
}

interface Entry<T> {
  readonly key: string
  readonly about: T
}

/**
 * Adds up in memory what a flood would otherwise write one by one, so that it costs the record one row
 * a key and minute. A job flushes every minute and at shutdown.
 */
export class Tally<T> {
  readonly #clock: Clock
  #counts = new Map<string, Counted<T> & { count: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts `entry`; or `shared` in its place while too many keys are told apart already. */
  note(entry: Entry<T>, shared: Entry<T>): void {
    const crowded = this.#counts.size >= maxKeys && !this.#counts.has(entry.key)
    const { key, about } = crowded ? shared : entry
    const counted = this.#counts.get(key)
    if (counted) counted.count += 1
    else this.#counts.set(key, { about, since: this.#clock.now(), count: 1 })
  }

  /** Records what has gathered in one transaction; kept for the next time when that fails. */
  async flush(
    database: Database,
    record: (trx: Trx, counted: Counted<T>) => Promise<void>,
  ): Promise<void> {
    const counts = this.#counts
    if (counts.size === 0) return
    this.#counts = new Map()
    try {
      await database.transaction(async (trx) => {
        for (const counted of counts.values()) await record(trx, counted)
      })
    } catch (error) {
      this.#restore(counts)
      throw error
    }
  }

  #restore(counts: ReadonlyMap<string, Counted<T> & { count: number }>): void {
    for (const [key, counted] of counts) {
      counted.count += this.#counts.get(key)?.count ?? 0
      this.#counts.set(key, counted)
    }
  }
}
