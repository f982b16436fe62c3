import { commonErrors } from '../errors/index.ts'
import type { Clock } from '../ports/index.ts'
import { cryptoErrors } from './errors.ts'

export interface HashQueueOptions {
  /** Tasks that run at the same time. */
  readonly concurrency: number
  /** Longest estimated wait before a new task is refused. */
  readonly maxWaitMs: number
  readonly clock: Clock
}

/** Assumed until the first task has been measured. */
const firstGuessMs = 50
/** Keeps the estimate, and so the length of the queue, bounded however coarse the clock is. */
const leastMs = 1
/** Weight of the newest measurement in the moving average. */
const newestWeight = 0.2

/**
 * Runs expensive tasks, a few at a time, in order. A task whose estimated wait is too long is
 * refused before it is queued, so memory and waiting are bounded and a storm of sign-ins is
 * answered rather than piled up.
 */
export class HashQueue {
  readonly #options: HashQueueOptions
  readonly #waiting: (() => void)[] = []
  readonly #idle: (() => void)[] = []
  #running = 0
  #averageMs = firstGuessMs
  #closed = false

  constructor(options: HashQueueOptions) {
    this.#options = options
  }

  /** Tasks waiting for their turn. */
  get depth(): number {
    return this.#waiting.length
  }

  /** How long a task given now would wait, from the recent duration of tasks. */
  get estimatedWaitMs(): number {
    const { concurrency } = this.#options
    if (this.#running < concurrency) return 0
    return ((this.#waiting.length + 1) * this.#averageMs) / concurrency
  }

  /**
   * Runs `task` in its turn. Rejects with `password_queue_full` (503, with retryAfter) without
   * queueing when the wait would be too long, and with `unavailable` after close().
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw commonErrors.unavailable()
    const wait = this.estimatedWaitMs
    if (wait > this.#options.maxWaitMs) {
      throw cryptoErrors.password_queue_full({ retryAfter: Math.ceil(wait / 1_000) })
    }
    await this.#turn()
    try {
      return await this.#measured(task)
    } finally {
      this.#release()
    }
  }

  /** Refuses new tasks; resolves when those already accepted are done. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #turn(): Promise<void> | undefined {
    if (this.#running >= this.#options.concurrency) {
      return new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#running++
    return undefined
  }

  async #measured<T>(task: () => Promise<T>): Promise<T> {
    const started = this.#options.clock.monotonic()
    const result = await task()
    const took = Math.max(leastMs, this.#options.clock.monotonic() - started)
    this.#averageMs += (took - this.#averageMs) * newestWeight
    return result
  }

  /** Hands the place to the next task, or gives it back. */
  #release(): void {
    const next = this.#waiting.shift()
    if (next) {
      next()
      return
    }
    this.#running--
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
