import type { Database } from '../database/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { ReadDelivery } from './delivery.ts'
import type { WebhookSettings } from './options.ts'
import { findTakenId } from './store.ts'

/** Whoever has captured a delivery can send it under any number of ids, and must not fill the log. */
const everyMs = 60_000

export interface DuplicatesParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Tells the log of deliveries that are not taken because their content was, under another id: a replay by
 * somebody who renamed it, or a provider that sends two of one content, which the app should know. Of each
 * webhook one line a minute.
 */
export class Duplicates {
  readonly #parts: DuplicatesParts
  readonly #told = new Map<string, number>()

  constructor(parts: DuplicatesParts) {
    this.#parts = parts
  }

  /** Never rejects: the delivery is answered as a duplicate whether the log hears of it or not. */
  async note({ name }: WebhookSettings, { contentKey, id, topic }: ReadDelivery): Promise<void> {
    const { clock, database, logger } = this.#parts
    const now = clock.now()
    if (now < (this.#told.get(name) ?? 0) + everyMs) return
    const taken = await findTakenId(database.reader, name, contentKey).catch(() => undefined)
    if (taken === undefined || taken === id) return
    this.#told.set(name, now)
    const message = 'a webhook delivery was not taken: its content was, under another id'
    logger.warn(message, { webhook: name, id, taken, topic })
  }
}
