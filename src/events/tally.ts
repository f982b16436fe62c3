import type { Database, Trx } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'

/** Things told apart at once, unless somebody wants fewer. */
const mostKeys = 1_000
/** Rows of one transaction: few enough that a request hardly waits for them. */
const batchSize = 100

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

interface Count<T> extends Counted<T> {
  count: number
  /** What it is added up under when too many are told apart. */
  readonly shared: Entry<T>
}

/**
 * Adds up in memory what a flood would otherwise write one by one, so that it costs the record one row
 * a key and minute. A job flushes every minute and at shutdown. What is held is bounded, however long
 * nothing can be recorded.
 */
export class Tally<T> {
  readonly #clock: Clock
  readonly #most: number
  #counts = new Map<string, Count<T>>()

  /** `most` are told apart at once; further ones are added up under what they share. */
  constructor(clock: Clock, most = mostKeys) {
    this.#clock = clock
    this.#most = most
  }

  /** Things told apart at the moment. */
  get size(): number {
    return this.#counts.size
  }

  /** Counts `entry`; or `shared` in its place while too many keys are told apart already. */
  note(entry: Entry<T>, shared: Entry<T>): void {
    this.#add(entry, { about: entry.about, since: this.#clock.now(), count: 1, shared })
  }

  /** Records what has gathered, a hundred to a transaction; what fails is kept for the next time. */
  async flush(
    database: Database,
    record: (trx: Trx, counted: Counted<T>) => Promise<void>,
  ): Promise<void> {
    const waiting = [...this.#counts]
    this.#counts = new Map()
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, batchSize)
        await database.transaction(async (trx) => {
          for (const [, counted] of batch) await record(trx, counted)
        })
        waiting.splice(0, batch.length)
      }
    } catch (error) {
      for (const [key, counted] of waiting) this.#add({ key, about: counted.about }, counted)
      throw error
    }
  }

  #add(entry: Entry<T>, more: Count<T>): void {
    const isCrowded = this.#counts.size >= this.#most && !this.#counts.has(entry.key)
    const { about, key } = isCrowded ? more.shared : entry
    const known = this.#counts.get(key)
    const since = Math.min(known?.since ?? more.since, more.since)
    const count = (known?.count ?? 0) + more.count
    this.#counts.set(key, { about, since, count, shared: more.shared })
  }
}
