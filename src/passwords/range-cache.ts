import type { Clock } from '../ports/index.ts'
import type { BreachRange } from './breach-range.ts'

const mostRanges = 64
const maxAgeMs = 3_600_000

interface Kept {
  readonly range: BreachRange
  readonly until: number
}

/** The 64 ranges that were used last, each for at most an hour; some 5 MB when full. */
export class RangeCache {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ranges that are held. */
  get size(): number {
    return this.#kept.size
  }

  find(prefix: string): BreachRange | undefined {
    const kept = this.#kept.get(prefix)
    this.#kept.delete(prefix)
    if (!kept || kept.until <= this.#clock.monotonic()) return undefined
    this.#kept.set(prefix, kept)
    return kept.range
  }

  keep(prefix: string, range: BreachRange): void {
    this.#kept.delete(prefix)
    this.#kept.set(prefix, { range, until: this.#clock.monotonic() + maxAgeMs })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > mostRanges && oldest !== undefined) this.#kept.delete(oldest)
  }
}
