import { type Database, inBatches, type Trx } from '../database/index.ts'
import type { Clock, Logger, Timer } from '../ports/index.ts'
import {
  deleteRevocationsBefore,
  ensureVersionRow,
  findRevocationsAfter,
  findVersion,
  insertRevocation,
  nextVersion,
} from './store.ts'

const batch = 1_000
const keepMs = 60 * 60 * 1000

/**
 * What is no longer as a node may remember it: one session; all that is known of a user, an API key, an
 * owner of keys or an organisation; or what roles hold, or what rules say of addresses.
 */
export interface Revocation {
  readonly kind: RevocationKind
  readonly id: string
}

const kinds = ['session', 'user', 'roles', 'organisation', 'key', 'ip_rules'] as const

export type RevocationKind = (typeof kinds)[number]

export interface RevocationParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly pollMs: number
  readonly maxStaleMs: number
}

/** Hears of each revocation, and `everything` when this node may have missed some. */
export interface RevocationListener {
  revoked(revocation: Revocation): void
  everything(): void
}

/**
 * Tells every node what it must forget. The node that revokes hears of it with the commit; others
 * poll one version row. Because the row's lock is held until commit, versions commit in order and a
 * poll can miss none. `fresh` turns false when the state could not be confirmed for too long.
 */
export class Revocations {
  readonly #parts: RevocationParts
  readonly #listeners = new Set<RevocationListener>()
  #seen = -1
  #confirmedAt = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #polling: Promise<void> | undefined
  #closed = false

  constructor(parts: RevocationParts) {
    this.#parts = parts
  }

  subscribe(listener: RevocationListener): void {
    this.#listeners.add(listener)
  }

  /** Whether this node's memory was confirmed against the database recently enough to be believed. */
  get fresh(): boolean {
    return this.#parts.clock.monotonic() - this.#confirmedAt <= this.#parts.maxStaleMs
  }

  async start(): Promise<void> {
    await this.#parts.database.transaction(ensureVersionRow)
    await this.poll()
    this.#schedule()
  }

  /** Writes a revocation with the change it belongs to; local listeners hear of it after commit. */
  async announce(trx: Trx, revocation: Revocation): Promise<void> {
    const version = await nextVersion(trx)
    const row = { kind: revocation.kind, subject: revocation.id, at: this.#parts.clock.now() }
    await insertRevocation(trx, { version, ...row })
    this.#parts.database.afterCommit(trx, () => this.#tell(revocation))
  }

  /** Reads what other nodes revoked. Calls made while one is under way share it. */
  poll(): Promise<void> {
    this.#polling ??= this.#pollOnce().finally(() => {
      this.#polling = undefined
    })
    return this.#polling
  }

  /** Deletes what every node has read long ago. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    const before = clock.now() - keepMs
    return inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteRevocationsBefore(trx, before, size),
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#polling?.catch(() => {})
  }

  #schedule(): void {
    if (this.#closed) return
    this.#timer = this.#parts.clock.after(this.#parts.pollMs, () => {
      this.poll()
        .catch((error) => {
          this.#parts.logger.warn('revocation state could not be confirmed', { error })
        })
        .finally(() => this.#schedule())
    })
  }

  async #pollOnce(): Promise<void> {
    const started = this.#parts.clock.monotonic()
    const reader = this.#parts.database.reader
    const version = await findVersion(reader)
    if (this.#seen < 0 || version < this.#seen) this.#forgetAll(version)
    while (this.#seen < version) {
      const rows = await findRevocationsAfter(reader, this.#seen, batch)
      const contiguous = rows[0]?.version === this.#seen + 1
      if (!contiguous) this.#forgetAll(version)
      for (const row of rows) this.#hear(row.kind, row.subject)
      this.#seen = Math.max(this.#seen, rows.at(-1)?.version ?? version)
    }
    this.#confirmedAt = started
  }

  /** Start, a database set back, or rows swept before this node read them: nothing remembered holds. */
  #forgetAll(version: number): void {
    this.#seen = version
    for (const listener of this.#listeners) listener.everything()
  }

  /** A kind that a newer release writes may be about anything. */
  #hear(text: string, id: string): void {
    const kind = kinds.find((known) => known === text)
    if (kind) this.#tell({ kind, id })
    else for (const listener of this.#listeners) listener.everything()
  }

  #tell(revocation: Revocation): void {
    for (const listener of this.#listeners) listener.revoked(revocation)
  }
}
