import type { Clock } from '../ports/index.ts'
import { withDeadline } from './deadline.ts'

export interface TurnstileOptions {
  /** How many may be inside at once. */
  readonly places: number
  readonly waitMs: number
  readonly clock: Clock
}

/** Lets a fixed number of holders in, in order of arrival; each waits at most `waitMs`. */
export class Turnstile {
  readonly #options: TurnstileOptions
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(options: TurnstileOptions) {
    this.#options = options
    this.#free = options.places
  }

  /** Resolves when a place is free. Call {@link leave} exactly once for each entry. */
  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    const { waitMs, clock } = this.#options
    const turn = new Promise<void>((resolve) => this.#waiting.push(resolve))
    await withDeadline(turn, {
      ms: waitMs,
      clock,
      what: 'waiting for a database connection',
      late: () => this.leave(),
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free += 1
  }
}
