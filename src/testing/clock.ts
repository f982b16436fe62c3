import type { Clock, Timer } from '../ports/index.ts'

interface Pending {
  readonly at: number
  readonly task: () => void
}

/** A clock that moves only when told. Timers run in the order of their time, during `advance`. */
export class TestClock implements Clock {
  readonly simulated = true
  #now: number
  #monotonic = 0
  readonly #pending = new Set<Pending>()

  /** @param start epoch milliseconds; default a fixed instant in 2026. */
  constructor(start = Date.UTC(2026, 0, 15, 12)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, task: () => void): Timer {
    const pending = { at: this.#monotonic + ms, task }
    this.#pending.add(pending)
    return { cancel: () => void this.#pending.delete(pending) }
  }

  /** Moves time on and runs what falls due. Work that a task starts asynchronously is not awaited. */
  advance(ms: number): void {
    const end = this.#monotonic + ms
    for (;;) {
      const next = [...this.#pending].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#pending.delete(next)
      this.#move(Math.max(0, next.at - this.#monotonic))
      next.task()
    }
    this.#move(end - this.#monotonic)
  }

  /** Sets the wall clock alone, as an operator or NTP would; timers do not notice. */
  jump(ms: number): void {
    this.#now += ms
  }

  /** Timers that wait; a closed security leaves none. */
  get waiting(): number {
    return this.#pending.size
  }

  #move(ms: number): void {
    this.#monotonic += ms
    this.#now += ms
  }
}
