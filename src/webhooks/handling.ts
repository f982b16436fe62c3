import { type Keyring, open, type SealBinding } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import { SecurityError } from '../errors/index.ts'
import type { Recorder } from '../events/index.ts'
import { backoffMs, within } from '../jobs/index.ts'
import type { Clock, Logger, Random } from '../ports/index.ts'
import { decodeDelivery } from './delivery.ts'
import type { WebhookSettings } from './options.ts'
import { readPayload } from './payload.ts'
import { deliveryOf, type WebhookHandler } from './receiver.ts'
import { claimDelivery, failDelivery, finishDelivery } from './store.ts'
import type { WebhookDeliveryRow } from './table.ts'

/** Longer than any handler may run, so that a lease runs out only when its holder has died. */
const leaseMs = 120_000
const pause = { firstMs: 5_000, maxMs: 3_600_000 }

/** A webhook with the handler of its deliveries. */
export interface HandledWebhook {
  readonly settings: WebhookSettings
  readonly handler: WebhookHandler
}

export interface HandlingParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly random: Random
  readonly clock: Clock
  readonly logger: Logger
  readonly recorder: Recorder
  /** Who this instance is in the table. */
  readonly owner: string
  readonly handled: ReadonlyMap<string, HandledWebhook>
}

/** `skipped`: somebody else has it. */
export type HandlingResult = 'done' | 'deferred' | 'failed' | 'skipped'

export function deliveryBinding(id: string): SealBinding {
  return { purpose: 'webhook', context: [id] }
}

/**
 * Hands single deliveries to their handlers. A delivery is claimed by a lease and ended in the same
 * conditional way: of all nodes one works on it, and when that one dies another begins anew.
 */
export class Handling {
  readonly #parts: HandlingParts

  constructor(parts: HandlingParts) {
    this.#parts = parts
  }

  async handle(id: string, stopping?: AbortSignal): Promise<HandlingResult> {
    const { clock, database, handled, owner } = this.#parts
    const now = clock.now()
    const times = { now, leaseUntil: now + leaseMs }
    const row = await database.transaction((trx) => claimDelivery(trx, { id, owner }, times))
    if (!row) return 'skipped'
    const webhook = handled.get(row.receiver)
    if (!webhook) throw new Error(`no handler for the webhook ${row.receiver}`)
    try {
      await this.#run(row, webhook, stopping)
    } catch (error) {
      return this.#failed(row, webhook, error)
    }
    await database.transaction((trx) => finishDelivery(trx, id, clock.now()))
    return 'done'
  }

  async #run(
    row: WebhookDeliveryRow,
    { handler, settings }: HandledWebhook,
    stopping?: AbortSignal,
  ): Promise<void> {
    const { clock, keyring } = this.#parts
    const kept = decodeDelivery(open(keyring, row.sealed ?? '', deliveryBinding(row.id)))
    const payload = readPayload(kept, settings.scheme)
    const over = new AbortController()
    const signal = stopping ? AbortSignal.any([stopping, over.signal]) : over.signal
    const at = { receivedAt: row.received_at, attempt: row.attempts, signal }
    const delivery = deliveryOf({ ...kept, payload }, settings, at)
    const late = () => {
      over.abort()
      return new HandlerTimeout(`the handler took longer than ${settings.timeoutMs} ms`)
    }
    // An async function turns what is thrown at once into a rejection.
    const running = (async () => void (await handler(delivery)))()
    await within(running, { ms: settings.timeoutMs, clock, late })
  }

  async #failed(
    row: WebhookDeliveryRow,
    { settings }: HandledWebhook,
    error: unknown,
  ): Promise<HandlingResult> {
    const { clock, database, logger, owner, random } = this.#parts
    const now = clock.now()
    const { attempts, id, provider, receiver } = row
    const errorCode = codeOf(error)
    const parked = attempts >= settings.attempts
    const nextAt = now + backoffMs(attempts, pause, random)
    const failure = { errorCode, nextAt, ...(parked ? { parkedAt: now } : {}) }
    await database.transaction(async (trx) => {
      const ours = await failDelivery(trx, { id, owner }, failure)
      if (ours && parked) await this.#record(trx, row)
    })
    const fields = { delivery: id, provider, receiver, attempts, errorCode, error }
    if (parked) logger.error('a webhook delivery was given up', fields)
    else logger.warn('a webhook delivery failed and is tried again', fields)
    return parked ? 'failed' : 'deferred'
  }

  async #record(trx: Trx, row: WebhookDeliveryRow): Promise<void> {
    const { attempts, id, provider, receiver } = row
    await this.#parts.recorder.record(trx, {
      name: 'webhook.failed',
      actor: { kind: 'system' },
      resource: { kind: 'webhook_delivery', id },
      outcome: 'failure',
      payload: { deliveryId: id, provider, receiver, attempts },
    })
  }
}

class HandlerTimeout extends Error {
  override readonly name = 'HandlerTimeout'
}

/** A stable code, never the text of an error, which may repeat the payload. */
function codeOf(error: unknown): string {
  if (error instanceof HandlerTimeout) return 'handler_timeout'
  return error instanceof SecurityError ? error.code.slice(0, 64) : 'handler_failed'
}
