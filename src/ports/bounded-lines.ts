import type { Clock } from './clock.ts'
import type { LogFields, Logger } from './logger.ts'

const minuteMs = 60_000
const linesPerMinute = 30

/** Writes what strangers can cause, and no more than a few lines a minute of it. */
export class BoundedLines {
  readonly #logger: Logger
  readonly #clock: Pick<Clock, 'now'>
  #minute = 0
  #written = 0

  constructor(logger: Logger, clock: Pick<Clock, 'now'>) {
    this.#logger = logger
    this.#clock = clock
  }

  /** One line; the last of a minute says that further ones are missing. */
  info(message: string, fields: LogFields): void {
    const minute = Math.floor(this.#clock.now() / minuteMs)
    if (minute !== this.#minute) this.#written = 0
    this.#minute = minute
    this.#written += 1
    if (this.#written > linesPerMinute) return
    const isLast = this.#written === linesPerMinute
    const note = 'further ones of this minute are not logged'
    this.#logger.info(message, { ...fields, ...(isLast ? { note } : {}) })
  }
}
