import type { Clock, Logger } from '../ports/index.ts'
import { withDeadline } from './deadline.ts'
import type { Database } from './types.ts'

export interface ClockCheckParts {
  readonly database: Pick<Database, 'dialect' | 'serverNow'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Further off, codes that last 30 seconds and delays of guesses no longer mean what they say. */
const mostOffMs = 15_000
const everyMs = 5_000
const deadlineMs = 1_000

/**
 * Compares the clock of this node with that of its database server, which all nodes share. SQLite lives
 * in our process and has no other clock, and a simulated clock is meant to be off: both are right.
 */
export class ClockCheck {
  readonly #parts: ClockCheckParts
  #right = true
  /** On the monotonic clock. */
  #measuredAt: number | undefined
  #measuring: Promise<boolean> | undefined

  constructor(parts: ClockCheckParts) {
    this.#parts = parts
  }

  /**
   * Whether the clocks are at most 15 seconds apart, as measured within the last five. The log tells
   * once when they are not, by how much, and once when they are again. Rejects with
   * `database_unavailable` when the server does not tell the time within a second.
   */
  async isRight(): Promise<boolean> {
    const { clock, database } = this.#parts
    if (database.dialect === 'sqlite' || clock.simulated) return true
    const age = clock.monotonic() - (this.#measuredAt ?? Number.NEGATIVE_INFINITY)
    if (age < everyMs) return this.#right
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  async #measure(): Promise<boolean> {
    const { clock } = this.#parts
    const aheadMs = await this.#ahead()
    const right = Math.abs(aheadMs) <= mostOffMs
    if (right !== this.#right) this.#tell(right, aheadMs)
    this.#right = right
    this.#measuredAt = clock.monotonic()
    return right
  }

  /** The server told its time halfway between question and answer, as far as anybody can know. */
  async #ahead(): Promise<number> {
    const { clock, database } = this.#parts
    const asked = clock.monotonic()
    const what = 'the time of the database server'
    const theirs = await withDeadline(database.serverNow(), { ms: deadlineMs, clock, what })
    const ours = clock.now()
    const answered = clock.monotonic()
    return Math.round(ours - (answered - asked) / 2 - theirs)
  }

  #tell(right: boolean, aheadMs: number): void {
    const { logger } = this.#parts
    if (right) logger.info('The clock of this node is right again', { aheadMs })
    else {
      const text = 'The clock of this node is off from that of its database: it is not ready'
      logger.error(text, { aheadMs, mostOffMs })
    }
  }
}
