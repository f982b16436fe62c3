import { type By, recordOf } from '../access/index.ts'
import { seal } from '../crypto/index.ts'
import { unleased } from '../database/index.ts'
import { inLanes, type Jobs } from '../jobs/index.ts'
import { uuidv7 } from '../ports/index.ts'
import { encodeDelivery, type ReadDelivery } from './delivery.ts'
import { Duplicates } from './duplicates.ts'
import { webhookErrors } from './errors.ts'
import { deliveryBinding, Handling, type HandlingParts, type HandlingResult } from './handling.ts'
import type { WebhookSettings } from './options.ts'
import {
  type DeliveryQuery,
  deleteDeliveries,
  findDelivery,
  insertDelivery,
  listDeliveries,
  listDueDeliveries,
  listForgettable,
  readWebhookDepth,
  reviveDelivery,
  type WebhookDepth,
} from './store.ts'
import { handlersOfOne, Turns } from './turns.ts'
import { deliveryView, type WebhookDeliveryView } from './view.ts'

const handleEveryMs = 5_000
const sweepJob = 'webhooks.sweep'
const sweepEveryMs = 3_600_000
const batchSize = 100
const sweepBatch = 500

export interface DeliveriesParts extends Omit<HandlingParts, 'owner'> {
  /** Handles in the background; without it deliveries are handled only by `handleDue`. */
  readonly jobs?: Jobs
}

/**
 * Verified deliveries wait here from the request until their handler has succeeded. One conditional
 * insert tells a new one from a replay, on whichever node it comes; that insert also holds the payload,
 * sealed, so that whatever was answered 200 is not lost. Handled at least once.
 */
export class WebhookDeliveries {
  readonly #parts: DeliveriesParts
  readonly #handling: Handling
  readonly #duplicates: Duplicates
  readonly #turns = new Turns()
  readonly #watched = new Set<string>()

  constructor(parts: DeliveriesParts) {
    const { clock, jobs, random } = parts
    this.#parts = parts
    this.#duplicates = new Duplicates(parts)
    this.#handling = new Handling({ ...parts, owner: uuidv7(clock.now(), random) })
    jobs?.register({
      name: sweepJob,
      everyMs: sweepEveryMs,
      run: ({ signal }) => this.sweep(signal),
    })
  }

  /**
   * Handles what waits for a webhook from now on. Each has a job of its own: what hangs there holds up no
   * other webhook, and the job runs where somebody knows the webhook.
   */
  watch(webhook: string): void {
    if (this.#watched.has(webhook)) return
    this.#watched.add(webhook)
    this.#parts.jobs?.register({
      name: jobOf(webhook),
      everyMs: handleEveryMs,
      run: async ({ signal }) => void (await this.#handleDueOf(webhook, signal)),
    })
  }

  /** Writes a delivery down, once; false when it was taken before. */
  async enqueue(settings: WebhookSettings, delivery: ReadDelivery): Promise<boolean> {
    const { clock, database, keyring, random } = this.#parts
    const now = clock.now()
    const id = uuidv7(now, random)
    const sealed = seal(keyring, random, encodeDelivery(delivery), deliveryBinding(id))
    const row = { ...rowOf(settings, delivery, now), id, sealed }
    const isNew = await database.transaction(async (trx) => {
      const inserted = await insertDelivery(trx, row)
      if (inserted) database.afterCommit(trx, () => this.#wake(settings.name))
      return inserted
    })
    if (!isNew) await this.#duplicates.note(settings, delivery)
    return isNew
  }

  /**
   * Hands what is due to its handlers until nothing is left or `signal` aborts. Several processes may do
   * so at once: each delivery goes to one of them. Answers how many were handled.
   */
  async handleDue(signal?: AbortSignal): Promise<number> {
    const webhooks = [...this.#parts.handled.keys()]
    const ends = await Promise.allSettled(
      webhooks.map((webhook) => this.#handleDueOf(webhook, signal)),
    )
    return ends.reduce((sum, end) => {
      if (end.status === 'rejected') throw end.reason
      return sum + end.value
    }, 0)
  }

  async #handleDueOf(webhook: string, signal?: AbortSignal): Promise<number> {
    const { clock, database } = this.#parts
    let done = 0
    for (;;) {
      const due = { now: clock.now(), limit: batchSize }
      const ids = await listDueDeliveries(database.reader, webhook, due)
      const handle = (id: string) => this.#handle(webhook, id, signal)
      const results = await inLanes(ids, handle, { lanes: handlersOfOne, signal })
      done += results.filter((result) => result === 'done').length
      const progressed = results.some((result) => result !== 'skipped')
      if (!progressed || results.length < ids.length || signal?.aborted) return done
    }
  }

  /** In its turn, which may come after the process was told to stop. */
  #handle(webhook: string, id: string, signal?: AbortSignal): Promise<HandlingResult> {
    return this.#turns.run(webhook, async () =>
      signal?.aborted ? 'skipped' : this.#handling.handle(id, signal),
    )
  }

  /** Deliveries, newest first, without their payloads. */
  async list(query: DeliveryQuery): Promise<readonly WebhookDeliveryView[]> {
    const found = await listDeliveries(this.#parts.database.reader, query)
    return found.map(deliveryView)
  }

  /** Throws `webhook_delivery_not_found`. */
  async get(id: string): Promise<WebhookDeliveryView> {
    const found = await findDelivery(this.#parts.database.reader, id)
    if (!found) throw webhookErrors.webhook_delivery_not_found()
    return deliveryView(found)
  }

  /**
   * Has a delivery that was given up handled again, its attempts begun anew. Throws
   * `webhook_delivery_not_found`, or `webhook_not_retryable` for one that was not given up.
   */
  async retry(id: string, by: By = {}): Promise<WebhookDeliveryView> {
    const { clock, database, recorder } = this.#parts
    const { attempts, provider, webhook } = await this.get(id)
    await database.transaction(async (trx) => {
      if (!(await reviveDelivery(trx, id, clock.now()))) throw webhookErrors.webhook_not_retryable()
      await recorder.record(trx, {
        name: 'webhook.retried',
        ...recordOf(by),
        resource: { kind: 'webhook_delivery', id },
        payload: { deliveryId: id, provider, receiver: webhook, attempts },
      })
      database.afterCommit(trx, () => this.#wake(webhook))
    })
    return this.get(id)
  }

  /** How many deliveries wait and how many were given up; for metrics and readiness. */
  depth(): Promise<WebhookDepth> {
    return readWebhookDepth(this.#parts.database.reader)
  }

  /** Forgets what is over and has been remembered for long enough. */
  async sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    while (!signal?.aborted) {
      const now = clock.now()
      const ids = await listForgettable(database.reader, now, sweepBatch)
      if (ids.length > 0) await database.transaction((trx) => deleteDeliveries(trx, ids, now))
      if (ids.length < sweepBatch) return
    }
  }

  /** A delivery may be retried by a process that does not know its webhook. */
  #wake(webhook: string): void {
    if (this.#watched.has(webhook)) this.#parts.jobs?.wake(jobOf(webhook))
  }
}

function jobOf(webhook: string): string {
  return `webhooks.handle.${webhook}`
}

function rowOf(settings: WebhookSettings, delivery: ReadDelivery, now: number) {
  const { contentKey, id, idKey, topic } = delivery
  return {
    receiver: settings.name,
    provider: settings.scheme.name,
    id_key: idKey,
    content_key: contentKey,
    remote_id: id,
    topic: topic ?? null,
    state: 'waiting' as const,
    attempts: 0,
    next_at: now,
    ...unleased,
    received_at: now,
    ended_at: null,
    expires_at: now + settings.keepMs,
    error_code: null,
  }
}
