import type { Clock, Timer } from '../ports/index.ts'

export interface DeadlineTimes {
  /** Longest silence of a sender. */
  readonly idleMs: number
  /** Time for all of it. */
  readonly timeoutMs: number
}

/**
 * The time that a form has. What waits is told by one place that is written anew, never by a promise that
 * lives as long as the form: each wait on such a one would leave something with it, and a sender of single
 * bytes would fill the memory.
 */
export class Deadline {
  readonly #clock: Clock
  readonly #times: DeadlineTimes
  readonly #expired: () => Error
  readonly #whole: Timer
  #hasPassed = false
  #stopWaiting: ((error: Error) => void) | undefined

  constructor(clock: Clock, times: DeadlineTimes, expired: () => Error) {
    this.#clock = clock
    this.#times = times
    this.#expired = expired
    this.#whole = clock.after(times.timeoutMs, () => this.#pass())
  }

  /**
   * Asks for what a sender sends next and waits for it. Rejects once the time for that, or for all, is over.
   * Nothing is asked for then: a promise that nobody waits for ends the process when it rejects.
   */
  next<T>(ask: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#hasPassed) return reject(this.#expired())
      const idle = this.#clock.after(this.#times.idleMs, () => this.#pass())
      this.#stopWaiting = reject
      ask()
        .then(resolve, reject)
        .finally(() => idle.cancel())
    })
  }

  /** For long work in many steps: throws once the time is over. */
  check(): void {
    if (this.#hasPassed) throw this.#expired()
  }

  cancel(): void {
    this.#whole.cancel()
    this.#stopWaiting = undefined
  }

  #pass(): void {
    this.#hasPassed = true
    this.#stopWaiting?.(this.#expired())
  }
}
