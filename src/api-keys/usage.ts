import type { Database } from '../database/index.ts'
import type { Clock, Logger, Timer } from '../ports/index.ts'
import { type KeyUse, noteKeyUse } from './store.ts'

const writeEveryMs = 60_000
const batchSize = 500

export interface KeyUsageParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
}

/** Keeps the last use of keys in memory and writes it at most once a minute, many in one transaction. */
export class KeyUsage {
  readonly #parts: KeyUsageParts
  readonly #waiting = new Map<string, KeyUse>()
  #timer: Timer | undefined

  constructor(parts: KeyUsageParts) {
    this.#parts = parts
  }

  touch(use: KeyUse): void {
    this.#waiting.set(use.id, use)
    this.#timer ??= this.#parts.clock.after(writeEveryMs, () => void this.flush())
  }

  /** The use of a key that is not written yet. */
  waiting(id: string): KeyUse | undefined {
    return this.#waiting.get(id)
  }

  /** Writes what waits. While the database is away it waits on. */
  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    // In the order of their ids: two nodes that write at once never wait for each other in a circle.
    const uses = [...this.#waiting.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    try {
      for (let at = 0; at < uses.length; at += batchSize) {
        await this.#write(uses.slice(at, at + batchSize))
      }
    } catch (error) {
      this.#parts.logger.warn('the last use of API keys waits to be written', { error })
      this.#timer ??= this.#parts.clock.after(writeEveryMs, () => void this.flush())
    }
  }

  async close(): Promise<void> {
    await this.flush()
    this.#timer?.cancel()
  }

  async #write(uses: readonly KeyUse[]): Promise<void> {
    await this.#parts.database.transaction(async (trx) => {
      for (const use of uses) await noteKeyUse(trx, use)
    })
    // What was used again meanwhile stays for the next time.
    for (const use of uses) if (this.#waiting.get(use.id) === use) this.#waiting.delete(use.id)
    if (this.#waiting.size > 0) {
      this.#timer ??= this.#parts.clock.after(writeEveryMs, () => void this.flush())
    }
  }
}
