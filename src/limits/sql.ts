import { type Database, inBatches, type Trx } from '../database/index.ts'
import { limitId, windowClaim } from './claim.ts'
import type { ExactLimits } from './exact.ts'
import { type LimitPolicy, type LimitVerdict, verdictOf } from './policy.ts'
import {
  addPoints,
  blockKey,
  claimPoints,
  deleteEnded,
  deleteWindow,
  findWindow,
  insertWindow,
  returnPoints,
  type WindowClaim,
} from './store.ts'
import type { LimitRow } from './table.ts'

const sweepBatch = 500
const store = 'sql' as const

export interface SqlLimitsOptions {
  readonly database: Database
  /** At least 32 bytes of its own; keys reach the table only as HMAC under it. */
  readonly hashKey: Uint8Array
}

/**
 * Limits in the database: exact however many callers and nodes there are, and unmoved by a restart.
 * A refused caller costs one read. Each method opens a transaction of its own, so none may be called
 * inside one, but for `refund` and `sweep`, which take it.
 */
export class SqlLimits implements ExactLimits {
  readonly #database: Database
  readonly #hashKey: Uint8Array

  constructor(options: SqlLimitsOptions) {
    this.#database = options.database
    this.#hashKey = options.hashKey
  }

  /** Counts before the work; rejects with `database_unavailable` when that cannot be done. */
  async consume(policy: LimitPolicy, key: string, points: number): Promise<LimitVerdict> {
    const claim = this.#claim(policy, key, points)
    const row = await findWindow(this.#database.reader, claim.id)
    const used = liveUse(row, claim)
    const endsAt = used === undefined ? claim.endsAt : (row?.ends_at ?? claim.endsAt)
    if (isFull(row, claim)) {
      const refused = { used: policy.points, endsAt, now: claim.now, store }
      if (row?.blocked === 1) return verdictOf(policy, false, refused)
      return this.#refuse(policy, claim, endsAt)
    }
    const window = { used: (used ?? 0) + points, endsAt, now: claim.now, store }
    if (await this.#take(claim, row === undefined)) return verdictOf(policy, true, window)
    return this.#refuse(policy, claim, endsAt)
  }

  async peek(policy: LimitPolicy, key: string): Promise<LimitVerdict> {
    const claim = this.#claim(policy, key, 1)
    const row = await findWindow(this.#database.reader, claim.id)
    const used = liveUse(row, claim)
    const endsAt = used === undefined || !row ? claim.endsAt : row.ends_at
    const window = { used: used ?? 0, endsAt, now: claim.now, store }
    return verdictOf(policy, !isFull(row, claim), window)
  }

  /** Gives points back in `trx`, to the window they were taken from and to no later one. */
  async refund(
    trx: Trx,
    policy: LimitPolicy,
    charge: { key: string; points: number; endsAt: number },
  ): Promise<void> {
    await returnPoints(trx, {
      id: this.#id(policy, charge.key),
      points: charge.points,
      endsBefore: charge.endsAt + policy.windowMs,
    })
  }

  /**
   * Adds what this process has let pass to the windows of all nodes, in one transaction, and answers
   * those windows in the same order. For policies that count in memory.
   */
  add(
    policy: LimitPolicy,
    uses: readonly { readonly key: string; readonly points: number; readonly endsInMs: number }[],
  ): Promise<readonly { readonly used: number; readonly endsInMs: number }[]> {
    const claims = uses.map(({ endsInMs, key, points }) => {
      const claim = this.#claim(policy, key, points)
      return { ...claim, endsAt: claim.now + endsInMs }
    })
    return this.#database.transaction(async (trx) => {
      const found = new Map<string, LimitRow>()
      for (const claim of claims.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
        found.set(claim.id, await addPoints(trx, claim))
      }
      return claims.map(({ id, now }) => {
        const row = found.get(id)
        return { used: row?.used ?? 0, endsInMs: (row?.ends_at ?? now) - now }
      })
    })
  }

  async reset(policy: LimitPolicy, key: string): Promise<void> {
    const id = this.#id(policy, key)
    await this.#database.transaction((trx) => deleteWindow(trx, id))
  }

  /** Deletes at most `limit` windows that have ended; how many it found. */
  sweep(trx: Trx, now: number, limit: number): Promise<number> {
    return deleteEnded(trx, now, limit)
  }

  /** Deletes all windows that have ended, in batches, until `signal` aborts. */
  sweepAll(signal?: AbortSignal): Promise<void> {
    const now = this.#database.clock.now()
    return inBatches(this.#database, { size: sweepBatch, signal }, (trx, size) =>
      deleteEnded(trx, now, size),
    )
  }

  /**
   * One transaction a statement: a lock of the insert must not be held while waiting for the update.
   * A row that was read may have been swept since, and one that was missing may be there by now.
   */
  async #take(claim: WindowClaim, absent: boolean): Promise<boolean> {
    if (claim.points > claim.limit) return false
    const update = () => this.#database.transaction((trx) => claimPoints(trx, claim))
    const insert = () => this.#database.transaction((trx) => insertWindow(trx, claim))
    if (!absent && (await update())) return true
    return (await insert()) || update()
  }

  async #refuse(policy: LimitPolicy, claim: WindowClaim, endsAt: number): Promise<LimitVerdict> {
    const { now } = claim
    const refused = { used: policy.points, endsAt, now, store }
    if (policy.blockMs === undefined) return verdictOf(policy, false, refused)
    const until = now + policy.blockMs
    await this.#database.transaction((trx) => blockKey(trx, claim, until))
    const row = await findWindow(this.#database.reader, claim.id)
    return verdictOf(policy, false, { ...refused, endsAt: row?.ends_at ?? until })
  }

  #claim(policy: LimitPolicy, key: string, points: number): WindowClaim {
    const now = this.#database.clock.now()
    return windowClaim(policy, { id: this.#id(policy, key), points, now })
  }

  #id(policy: LimitPolicy, key: string): string {
    return limitId(this.#hashKey, policy, key)
  }
}

/** Points used in the window that is open now; undefined when none is. */
function liveUse(row: LimitRow | undefined, claim: WindowClaim): number | undefined {
  const live = row !== undefined && row.ends_at > claim.now && row.ends_at <= claim.horizon
  return live ? row.used : undefined
}

function isFull(row: LimitRow | undefined, claim: WindowClaim): boolean {
  const used = liveUse(row, claim)
  return used !== undefined && (row?.blocked === 1 || used + claim.points > claim.limit)
}
