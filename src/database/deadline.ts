import { scheduler } from 'node:timers/promises'
import type { Clock } from '../ports/index.ts'
import { databaseErrors } from './errors.ts'

export interface DeadlineOptions<T> {
  readonly ms: number
  readonly clock: Clock
  /** Says what was waited for, in the log. */
  readonly what: string
  /** Cleans up what arrives too late. */
  readonly late?: (value: T) => void
}

/**
 * The value of `pending`, or `database_unavailable` (503) after `ms`. A value that arrives later is
 * handed to `late`, so that a connection is given back and not lost.
 */
export function withDeadline<T>(pending: Promise<T>, options: DeadlineOptions<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false
    const timer = options.clock.after(options.ms, () => {
      over = true
      const cause = new Error(`${options.what} took longer than ${options.ms} ms`)
      reject(databaseErrors.database_unavailable({ retryAfter: 1, cause }))
    })
    pending.then(
      (value) => {
        timer.cancel()
        if (over) options.late?.(value)
        else resolve(value)
      },
      (error) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}

/** Waits `ms` of real time. Unlike a timer of the clock it keeps the process alive: work is pending. */
export async function pause(ms: number): Promise<void> {
  await scheduler.wait(ms)
}
