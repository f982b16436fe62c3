import { canonicalEmail, hmacSha256, type Keyring, seal } from '../crypto/index.ts'
import { type Database, type Trx, unleased } from '../database/index.ts'
import { inLanes, type Jobs } from '../jobs/index.ts'
import { type Clock, type Logger, type Mailer, type Random, uuidv7 } from '../ports/index.ts'
import { checkAddress, checkSubject, parseSender } from './address.ts'
import { Delivery, type DeliveryResult, type MailContent, mailBinding } from './delivery.ts'
import {
  deleteMails,
  expireMails,
  insertMail,
  listDueMails,
  listExpiredMails,
  listOldMails,
  type OutboxDepth,
  readDepth,
  withdrawMails,
} from './store.ts'
import type { OutboxRow } from './table.ts'

const deliverJob = 'mail.deliver'
const deliverEveryMs = 5_000
const probeMs = 2_000
const kickMs = { from: 50, to: 500 }
const batchSize = 100
const lanes = 4
const pruneJob = 'mail.prune'
const dayMs = 86_400_000
const keepMs = 30 * dayMs
const pruneBatch = 500

export interface OutboxOptions {
  readonly database: Database
  readonly keyring: Keyring
  readonly random: Random
  readonly clock: Clock
  readonly logger: Logger
  readonly mailer: Mailer
  /** `address` or `Name <address>`. */
  readonly from: string
  /** Host of `baseUrl`, the right half of each Message-ID. Never taken from a request. */
  readonly host: string
  /** Delivers in the background; without it mails leave only by `deliverDue`. */
  readonly jobs?: Jobs
}

/** A mail to be sent once the change it belongs to has committed. */
export interface NewMail extends MailContent {
  /** What it is about: the template's name, at most 64 characters. */
  readonly kind: string
  /** Epoch milliseconds after which it is not sent any more, as its link no longer works. */
  readonly expiresAt?: number
  /**
   * Written like any other mail, so that it costs the same, and never sent: what an address that is
   * unknown, or has had its share, gets. Zeros of the same length stand for its text.
   */
  readonly suppressed?: boolean
}

/**
 * Mails wait here from the transaction of their change until the mail server has taken them, so that
 * no mail is lost with the server down, none is sent for a change that rolled back, and no change
 * fails because of mail. Recipient, subject and bodies are sealed, and erased when the mail is over.
 * Delivered at least once, with one Message-ID (RFC 5322 section 3.6.4) for all attempts.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #delivery: Delivery

  /** Throws `mail_malformed` for a sender that is not one address. */
  constructor(options: OutboxOptions) {
    const { clock, random, from, jobs } = options
    parseSender(from)
    this.#options = options
    this.#delivery = new Delivery({ ...options, owner: uuidv7(clock.now(), random) })
    jobs?.register({
      name: deliverJob,
      everyMs: deliverEveryMs,
      run: async ({ signal }) => void (await this.deliverDue(signal)),
    })
    jobs?.register({ name: pruneJob, everyMs: dayMs, run: () => this.prune() })
  }

  /**
   * Writes a mail in the transaction of its change. Costs one insert, whoever it is for. Throws
   * `mail_malformed` when the recipient is not one plain address or the subject not one plain line.
   */
  async enqueue(trx: Trx, mail: NewMail): Promise<void> {
    const { clock, database, host, jobs, keyring, random } = this.#options
    const now = clock.now()
    const id = uuidv7(now, random)
    const { text, html } = mail
    const to = checkAddress(mail.to)
    const content: MailContent = { to, subject: checkSubject(mail.subject), text, html }
    const written = JSON.stringify(content)
    const kept = mail.suppressed ? Buffer.alloc(Buffer.byteLength(written)) : written
    const sealed = seal(keyring, random, kept, mailBinding(id))
    await insertMail(trx, {
      ...newRow(now),
      state: mail.suppressed ? 'suppressed' : 'pending',
      id,
      kind: mail.kind,
      message_id: `<${id}@${host}>`,
      sealed,
      recipient_tag: this.#tagOf(to),
      expires_at: mail.expiresAt ?? null,
    })
    if (jobs) database.afterCommit(trx, () => jobs.wake(deliverJob, kickDelay(random)))
  }

  /**
   * Withdraws what waits for an address, in the transaction of the change that makes it void. A mail
   * that is being sent at this moment may still arrive. Answers how many were withdrawn.
   */
  withdraw(trx: Trx, address: string): Promise<number> {
    return withdrawMails(trx, this.#tagOf(address))
  }

  /**
   * Sends what is due until nothing is left, the mail server is gone or `signal` aborts. Several
   * processes may do so at once: each mail goes to one of them. Answers how many were delivered.
   */
  async deliverDue(signal?: AbortSignal): Promise<number> {
    const { clock, database } = this.#options
    await this.#expire()
    let delivered = 0
    for (;;) {
      const ids = await listDueMails(database.reader, { now: clock.now(), limit: batchSize })
      const results = await this.#deliverBatch(ids, signal)
      delivered += results.filter((result) => result === 'delivered').length
      if (results.includes('unavailable')) this.#options.jobs?.wake(deliverJob, probeMs)
      const progressed = results.some((result) => result === 'delivered' || result === 'ended')
      if (!progressed || results.length < ids.length || signal?.aborted) return delivered
    }
  }

  /** Deletes the rows of mails that have been over for 30 days; their text went when they ended. */
  async prune(): Promise<void> {
    const { clock, database } = this.#options
    for (;;) {
      const ids = await listOldMails(database.reader, clock.now() - keepMs, pruneBatch)
      if (ids.length > 0) await database.transaction((trx) => deleteMails(trx, ids))
      if (ids.length < pruneBatch) return
    }
  }

  /** How many mails wait, and since when; for metrics and readiness. */
  depth(): Promise<OutboxDepth> {
    return readDepth(this.#options.database.reader)
  }

  /** Under the master key, so that a dump of the database does not tell who gets mail. */
  #tagOf(address: string): string {
    const email = canonicalEmail(address)
    const key = this.#options.keyring.derive('mail-recipient')
    return hmacSha256(key, email.ok ? email.canonical : address).toString('base64url')
  }

  /** Erases what has expired, also while no mail can be sent. */
  async #expire(): Promise<void> {
    const { clock, database, logger } = this.#options
    const now = clock.now()
    const ids = await listExpiredMails(database.reader, now, batchSize)
    if (ids.length === 0) return
    const mails = await database.transaction((trx) => expireMails(trx, ids, now))
    logger.warn('mails expired before they could be delivered', { mails })
  }

  /** Delivers in parallel lanes. All of them stop at the first sign that no mail can be sent. */
  #deliverBatch(ids: readonly string[], signal?: AbortSignal): Promise<DeliveryResult[]> {
    return inLanes(ids, (id) => this.#delivery.deliver(id, signal), {
      lanes,
      signal,
      stopAt: 'unavailable',
    })
  }
}

/**
 * When delivery begins after a commit: at no foreseeable moment. A mail that is sent costs more than
 * one that is suppressed, and begun at once it would show in the time of the next answer.
 */
function kickDelay(random: Random): number {
  const fraction = Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32
  return Math.floor(kickMs.from + fraction * (kickMs.to - kickMs.from))
}

function newRow(
  now: number,
): Omit<OutboxRow, 'id' | 'kind' | 'message_id' | 'sealed' | 'recipient_tag'> {
  return {
    state: 'pending',
    attempts: 0,
    next_at: now,
    ...unleased,
    created_at: now,
    delivered_at: null,
    expires_at: null,
    error_code: null,
  }
}
