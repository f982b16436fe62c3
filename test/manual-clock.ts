import { setImmediate } from 'node:timers/promises'
import type { Clock, Timer } from '../src/ports/index.ts'

interface PendingTimer {
  readonly at: number
  readonly task: () => void
}

/** A clock that stands still until a test moves it. Wall clock and monotonic clock move together. */
export class ManualClock implements Clock {
  readonly simulated = true
  #now: number
  readonly #timers = new Set<PendingTimer>()

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start
  }

  /** How many timers wait; zero after a clean stop. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, task: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), task }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Moves on by `ms`, running each timer at its time, with a turn of the event loop after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (let next = this.#nextBefore(end); next; next = this.#nextBefore(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await setImmediate()
    }
    this.#now = end
    await setImmediate()
  }

  #nextBefore(end: number): PendingTimer | undefined {
    const due = [...this.#timers].filter((timer) => timer.at <= end)
    return due.sort((one, other) => one.at - other.at)[0]
  }
}
