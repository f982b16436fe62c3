import { type Keyring, openText, type SealBinding } from '../crypto/index.ts'
import type { Database, Lease } from '../database/index.ts'
import { SecurityError } from '../errors/index.ts'
import { backoffMs, within } from '../jobs/index.ts'
import type { Clock, Logger, Mailer, Random } from '../ports/index.ts'
import { mailErrors } from './errors.ts'
import { claimMail, endMail, type MailEnd, type MailRetry, retryMail } from './store.ts'
import type { OutboxRow } from './table.ts'

/** Longer than any single delivery takes, so that a lease runs out only when its holder has died. */
const leaseMs = 120_000
const sendMs = 100_000
const settlePauseMs = 1_000
const unavailablePause = { firstMs: 1_500, maxMs: 1_500 }
const retryPause = { firstMs: 5_000, maxMs: 2 * 3_600_000 }
const maxAttempts = 30
const maxAgeMs = 48 * 3_600_000

export interface DeliveryPorts {
  readonly database: Database
  readonly keyring: Keyring
  readonly random: Random
  readonly clock: Clock
  readonly logger: Logger
  readonly mailer: Mailer
  readonly from: string
  /** Who this instance is in the table. */
  readonly owner: string
}

/** What the outbox seals: everything that tells whom a mail is for or what it says. */
export interface MailContent {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** `skipped`: somebody else has it. `unavailable`: no mail can be sent now. */
export type DeliveryResult = 'delivered' | 'ended' | 'deferred' | 'unavailable' | 'skipped'

export function mailBinding(id: string): SealBinding {
  return { purpose: 'mail', context: [id] }
}

/**
 * Delivers single mails. A mail is claimed by a lease, sent with its one Message-ID, and ended in
 * the same conditional way, so it can be sent twice only if we die, or lose the database for longer
 * than the lease, between the server's acceptance and our commit.
 */
export class Delivery {
  readonly #ports: DeliveryPorts
  /** Mails that the server took but that could not be marked yet; they are never sent again by us. */
  readonly #accepted = new Set<string>()

  constructor(ports: DeliveryPorts) {
    this.#ports = ports
  }

  async deliver(id: string, signal?: AbortSignal): Promise<DeliveryResult> {
    const { clock, database, owner } = this.#ports
    const now = clock.now()
    const times = { now, leaseUntil: now + leaseMs }
    const row = await database.transaction((trx) => claimMail(trx, { id, owner }, times))
    if (!row) return 'skipped'
    if (row.expires_at !== null && row.expires_at <= now) {
      return this.#end(row, { state: 'expired', attempts: row.attempts })
    }
    if (this.#accepted.has(id)) return this.#markDelivered(row, signal)
    try {
      await this.#send(row)
    } catch (error) {
      return this.#onFailure(row, error)
    }
    return this.#markDelivered(row, signal)
  }

  async #send(row: OutboxRow): Promise<void> {
    const { keyring, mailer, from, clock } = this.#ports
    const content = JSON.parse(openText(keyring, row.sealed ?? '', mailBinding(row.id)))
    const { to, subject, text, html } = content as MailContent
    const sending = mailer.send({ messageId: row.message_id, from, to, subject, text, html })
    await within(sending, {
      ms: sendMs,
      clock,
      late: () =>
        mailErrors.mail_deferred({ cause: new Error('the mailer gave no answer in time') }),
    })
  }

  /** Goes on trying while the lease holds: what the server has taken must not be sent again. */
  async #markDelivered(row: OutboxRow, signal?: AbortSignal): Promise<DeliveryResult> {
    const { clock, logger } = this.#ports
    this.#accepted.add(row.id)
    for (;;) {
      try {
        const result = await this.#end(row, { state: 'delivered', attempts: row.attempts + 1 })
        this.#accepted.delete(row.id)
        return result
      } catch (error) {
        logger.warn('delivered mail could not be marked', { mail: row.id, error })
        if (signal?.aborted || clock.now() >= row.lease_until) return 'unavailable'
        await new Promise<void>((resolve) => clock.after(settlePauseMs, resolve))
      }
    }
  }

  async #onFailure(row: OutboxRow, error: unknown): Promise<DeliveryResult> {
    const { clock, logger, random } = this.#ports
    const errorCode = error instanceof SecurityError ? error.code : 'mail_deferred'
    const unavailable = ['mail_server_unavailable', 'mail_driver_missing'].includes(errorCode)
    const attempts = row.attempts + (unavailable ? 0 : 1)
    const now = clock.now()
    const fields = { mail: row.id, kind: row.kind, attempts, errorCode, error }
    if (isHopeless(errorCode, attempts, now - row.created_at)) {
      logger.error('mail given up', fields)
      return this.#end(row, { state: 'failed', attempts, errorCode })
    }
    logger.warn('mail not delivered yet', fields)
    const pause = backoffMs(attempts, unavailable ? unavailablePause : retryPause, random)
    await this.#retry(row, { nextAt: now + pause, attempts, errorCode })
    return unavailable ? 'unavailable' : 'deferred'
  }

  async #retry(row: OutboxRow, retry: MailRetry): Promise<void> {
    const { database } = this.#ports
    await database.transaction((trx) => retryMail(trx, this.#lease(row), retry))
  }

  async #end(row: OutboxRow, end: Omit<MailEnd, 'at'>): Promise<DeliveryResult> {
    const { clock, database } = this.#ports
    const finished = { ...end, at: clock.now() }
    await database.transaction((trx) => endMail(trx, this.#lease(row), finished))
    return end.state === 'delivered' ? 'delivered' : 'ended'
  }

  #lease(row: OutboxRow): Lease {
    return { id: row.id, owner: this.#ports.owner }
  }
}

function isHopeless(errorCode: string, attempts: number, ageMs: number): boolean {
  return errorCode === 'mail_rejected' || attempts >= maxAttempts || ageMs >= maxAgeMs
}
