import type { Database } from '../database/index.ts'
import type { Clock, Logger, Timer } from '../ports/index.ts'
import { noteActivity } from './store.ts'
import type { LiveSession } from './verdict.ts'

const writeEveryMs = 60_000
const gatherMs = 1_000

export interface ActivityParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
}

/** Keeps last activity in memory and writes it at most once a minute a session. */
export class Activity {
  readonly #parts: ActivityParts
  readonly #written = new WeakMap<LiveSession, number>()
  #waiting = new Map<string, number>()
  #timer: Timer | undefined

  constructor(parts: ActivityParts) {
    this.#parts = parts
  }

  touch(session: LiveSession, now: number): void {
    session.lastActivityAt = now
    const written = this.#written.get(session) ?? session.row.last_activity_at
    if (now - written < writeEveryMs) return
    this.#written.set(session, now)
    this.#waiting.set(session.row.id, now)
    this.#timer ??= this.#parts.clock.after(gatherMs, () => void this.flush())
  }

  /** Writes what waits. When the database is away it waits on; the memory of this node still holds. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const waiting = [...this.#waiting].sort(([left], [right]) => (left < right ? -1 : 1))
    if (waiting.length === 0) return
    this.#waiting = new Map()
    try {
      await this.#parts.database.transaction(async (trx) => {
        for (const [sessionId, at] of waiting) await noteActivity(trx, sessionId, at)
      })
    } catch (error) {
      this.#waiting = new Map([...waiting, ...this.#waiting])
      this.#parts.logger.warn('sessions: last activity could not be written', { error })
      this.#timer ??= this.#parts.clock.after(gatherMs * 5, () => void this.flush())
    }
  }

  async close(): Promise<void> {
    await this.flush()
    this.#timer?.cancel()
  }
}
