import type { Database, Db, Trx } from '../database/index.ts'
import type { EventBus, EventInput, EventName, RecordedEvent, Recorder } from '../events/index.ts'
import { type Clock, type Logger, type Random, uuidv7 } from '../ports/index.ts'
import { type AccessEntry, type AppTransaction, type AuditEntry, isAuditAction } from './entry.ts'
import { auditErrors } from './errors.ts'
import { rowOfEntry, rowOfEvent } from './row.ts'
import { type AuditQuery, findAuditRows, insertAuditRows } from './store.ts'
import type { AuditRow } from './table.ts'

const flushMs = 250
const flushAt = 500
const queueLimit = 20_000

export interface AuditLogParts {
  readonly database: Database
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * The record of what happened. Events and entries given a transaction are written inside it, so the
 * change and its record commit together. Access entries wait in memory for the next batch; if the
 * database stays away so long that the queue is full, the log says how many were dropped.
 */
export class AuditLog implements Recorder {
  readonly #parts: AuditLogParts
  #queue: AuditRow[] = []
  #dropped = 0
  #flushing: Promise<void> | undefined
  #timer: { cancel(): void } | undefined

  constructor(parts: AuditLogParts) {
    this.#parts = parts
  }

  async record<N extends EventName>(trx: Trx, input: EventInput<N>): Promise<void> {
    const { bus, clock, database, random } = this.#parts
    const at = clock.now()
    const event = { outcome: 'success' as const, ...input, id: uuidv7(at, random), at }
    const definition = bus.definitions[input.name]
    const frame = { class: definition.auditClass, severity: definition.severity }
    const recorded = event as unknown as RecordedEvent
    await insertAuditRows(trx, [rowOfEvent(recorded, frame, definition.keep as readonly string[])])
    database.afterCommit(trx, () => bus.emit(recorded))
  }

  /** Writes an entry of the app: in its transaction when it gives ours, else in one of its own. */
  async write(entry: AuditEntry, tx?: AppTransaction): Promise<void> {
    const row = this.#entryRow(entry, 'security')
    if (tx && !tx.isTransaction) throw auditErrors.audit_needs_transaction()
    if (tx) return insertAuditRows(tx as Trx, [row])
    await this.#parts.database.transaction((own) => insertAuditRows(own, [row]))
  }

  /** Queues the use of a route. Costs the request a push into an array. */
  access(entry: AccessEntry): void {
    if (this.#queue.length >= queueLimit) {
      this.#dropped++
      return
    }
    this.#queue.push(this.#entryRow(entry, 'access'))
    if (this.#queue.length >= flushAt) void this.flush()
    else this.#timer ??= this.#parts.clock.after(flushMs, () => void this.flush())
  }

  /** Writes what is queued; entries stay queued when the database is away. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flushQueue().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  find(query: AuditQuery, db: Db = this.#parts.database.reader): Promise<AuditRow[]> {
    return findAuditRows(db, query)
  }

  async close(): Promise<void> {
    await this.flush()
    if (this.#queue.length > 0) await this.flush()
    this.#timer?.cancel()
  }

  async #flushQueue(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const rows = this.#queue
    if (rows.length === 0) return
    this.#queue = []
    try {
      await this.#parts.database.transaction((trx) => insertAuditRows(trx, rows))
      this.#reportDropped()
    } catch (error) {
      this.#queue = [...rows, ...this.#queue]
      this.#parts.logger.error('audit: access entries wait, the database is away', {
        waiting: this.#queue.length,
        error,
      })
      this.#flushLater()
    }
  }

  /** An entry that came meanwhile has set a timer already; there is one at a time. */
  #flushLater(): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.clock.after(flushMs * 4, () => void this.flush())
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    this.#parts.logger.error('audit: access entries were dropped', { dropped: this.#dropped })
    this.#dropped = 0
  }

  #entryRow(entry: AuditEntry | AccessEntry, auditClass: 'security' | 'access'): AuditRow {
    if (!isAuditAction(entry.action)) throw auditErrors.audit_action_invalid()
    const at = this.#parts.clock.now()
    const id = uuidv7(at, this.#parts.random)
    return rowOfEntry(entry, { id, at, class: auditClass, severity: 'info' })
  }
}
