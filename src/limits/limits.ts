import { didYouMean } from '../config/index.ts'
import type { Trx } from '../database/index.ts'
import { SecurityError } from '../errors/index.ts'
import type { Clock } from '../ports/index.ts'
import { limitErrors } from './errors.ts'
import type { ExactLimits } from './exact.ts'
import { RefusedKey } from './headers.ts'
import { MemoryLimits } from './memory.ts'
import { checkPolicy, type LimitPolicy, type LimitVerdict } from './policy.ts'
import type { SqlLimits } from './sql.ts'

/** 100 bytes a key make 20 MB a policy at most. */
const defaultMaxKeys = 200_000
/** Windows of one policy that one reconciliation tells of; the others wait for the next. */
const mostShared = 200

export interface LimitsOptions {
  readonly clock: Clock
  readonly policies: readonly LimitPolicy[]
  /** Needed as soon as a policy counts exactly, or memory is reconciled. */
  readonly sql?: SqlLimits
  /** Where policies of SQL are counted instead. */
  readonly valkey?: ExactLimits | undefined
  /** Most keys of one policy that memory holds. */
  readonly maxKeys?: number
  /** Hears of every refusal; `Refusals.note` gathers them for the record. */
  readonly onRefused?: (policy: string, key: string) => void
}

/** What is given back: the verdict of the consumption, and its points when they were not 1. */
export interface LimitCharge {
  readonly verdict: LimitVerdict
  readonly points?: number
  /**
   * The transaction of the success; policies in SQL need it, and only Holdfast's own are such.
   * @internal is a transaction of ours
   */
  readonly trx?: Trx
}

/**
 * Counts uses by policy and key. A policy in memory answers at once, one in SQL with a promise, so
 * `await` serves both. What is refused is not counted.
 */
export class Limits {
  readonly #policies: ReadonlyMap<string, LimitPolicy>
  readonly #memory: MemoryLimits
  readonly #clock: Clock
  readonly #sql: SqlLimits | undefined
  readonly #exact: ExactLimits | undefined
  readonly #onRefused: (policy: string, key: string) => void
  #reconciling: Promise<void> | undefined

  constructor(options: LimitsOptions) {
    const checked = options.policies.map(checkPolicy)
    this.#policies = new Map(checked.map((policy) => [policy.name, policy]))
    this.#memory = new MemoryLimits(options.clock, options.maxKeys ?? defaultMaxKeys)
    this.#clock = options.clock
    this.#sql = options.sql
    this.#exact = options.valkey ?? options.sql
    this.#onRefused = options.onRefused ?? (() => {})
  }

  /** The policy of this name; throws `limit_policy_unknown`. */
  policy(name: string): LimitPolicy {
    const policy = this.#policies.get(name)
    if (policy) return policy
    const known = [...this.#policies.keys()]
    const explanation = `there is no limit '${name}'.${didYouMean(name, known)} The limits are ${known.join(', ')}; add yours to the option limits.policies`
    throw limitErrors.limit_policy_unknown({ explanation })
  }

  /**
   * Takes points if enough are left. A policy may be given by value where each key has its own, as
   * API keys have. When the database is away the policy's insurance holds: 503
   * `limit_unavailable`, or memory.
   */
  consume(
    policy: string | LimitPolicy,
    key: string,
    points = 1,
  ): LimitVerdict | Promise<LimitVerdict> {
    const verdict = this.count(policy, key, points)
    if (verdict instanceof Promise) return verdict.then((late) => this.#heard(key, late))
    return this.#heard(key, verdict)
  }

  /**
   * As `consume`, for controls that may let pass all the same: the record hears of a refusal from
   * `noteRefused` alone.
   * @internal
   */
  count(
    policy: string | LimitPolicy,
    key: string,
    points = 1,
  ): LimitVerdict | Promise<LimitVerdict> {
    const by = this.#resolve(policy)
    checkKey(key)
    checkPoints(points)
    if (by.store === 'memory') return this.#memory.consume(by, key, points)
    return this.#insured(by, (exact) => exact.consume(by, key, points)).then(
      (verdict) => verdict ?? this.#memory.consume(by, key, points),
    )
  }

  /**
   * Hears of an answer that `rateLimited` made of a key; what else refused is not its own.
   * @internal
   */
  noteRefused(error: unknown): void {
    const cause = error instanceof SecurityError ? error.extras.cause : undefined
    if (cause instanceof RefusedKey) this.#onRefused(cause.policy, cause.key)
  }

  /** The verdict that `consume` would give now, with nothing counted. */
  peek(policy: string | LimitPolicy, key: string): LimitVerdict | Promise<LimitVerdict> {
    const by = this.#resolve(policy)
    checkKey(key)
    if (by.store === 'memory') return this.#memory.peek(by, key)
    return this.#insured(by, (exact) => exact.peek(by, key)).then(
      (verdict) => verdict ?? this.#memory.peek(by, key),
    )
  }

  /**
   * Gives back what a success had to take first, so that only failures count. It reaches the window
   * it was taken from and no later one, so nobody refills a budget with their own successes. What
   * counts exactly needs the transaction of the success: in SQL both hold or neither does, in Valkey it
   * follows the commit.
   */
  async refund(policy: string | LimitPolicy, key: string, charge: LimitCharge): Promise<void> {
    const by = this.#resolve(policy)
    const { verdict, points = 1, trx } = charge
    checkPoints(points)
    const back = { key, points, endsAt: verdict.endsAt, store: verdict.store }
    if (by.store === 'memory') return this.#memory.refund(by, key, back)
    if (!trx) throw new TypeError(`refund of ${by.name} needs a transaction`)
    if (verdict.store === 'memory') return this.#memory.refund(by, key, back)
    await this.#exactOf(by).refund(trx, by, back)
  }

  /** Forgets a key, its block included. */
  async reset(policy: string | LimitPolicy, key: string): Promise<void> {
    const by = this.#resolve(policy)
    this.#memory.reset(by, key)
    if (by.store === 'sql') await this.#exactOf(by).reset(by, key)
  }

  /**
   * Tells the other nodes what this one has counted in memory, and takes over what they have. Run
   * every few seconds on every node and at its end. Whoever asks meanwhile waits for the one under way,
   * so that no point is told twice.
   * @internal run by a timer
   */
  reconcile(): Promise<void> {
    this.#reconciling ??= this.#reconcileAll().finally(() => {
      this.#reconciling = undefined
    })
    return this.#reconciling
  }

  async #reconcileAll(): Promise<void> {
    const sql = this.#sql
    if (!sql) return
    for (const policy of this.#policies.values()) {
      if (policy.store === 'memory') await this.#reconcile(policy, sql)
    }
  }

  async #reconcile(policy: LimitPolicy, sql: SqlLimits): Promise<void> {
    const windows = this.#memory.unshared(policy, mostShared)
    if (windows.length === 0) return
    const now = this.#clock.monotonic()
    const uses = windows.map(({ endsAt, key, points }) => {
      return { key, points, endsInMs: Math.max(1, Math.ceil(endsAt - now)) }
    })
    const all = await sql.add(policy, uses)
    for (const [at, window] of windows.entries()) {
      const total = all[at]
      if (total)
        this.#memory.share(policy, window, { used: total.used, endsAt: now + total.endsInMs })
    }
  }

  #resolve(policy: string | LimitPolicy): LimitPolicy {
    return typeof policy === 'string' ? this.policy(policy) : policy
  }

  #heard(key: string, verdict: LimitVerdict): LimitVerdict {
    if (!verdict.allowed) this.#onRefused(verdict.policy, key)
    return verdict
  }

  /** Undefined when the database is away and the policy is insured by memory. */
  async #insured<T>(
    by: LimitPolicy,
    work: (exact: ExactLimits) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work(this.#exactOf(by))
    } catch (cause) {
      if (by.insurance === 'memory' && isOutage(cause)) return undefined
      throw limitErrors.limit_unavailable({ cause, retryAfter: 5 })
    }
  }

  #exactOf(by: LimitPolicy): ExactLimits {
    if (this.#exact) return this.#exact
    throw new TypeError(`limit ${by.name} counts in SQL, and no SQL store was given`)
  }
}

function isOutage(thrown: unknown): boolean {
  return thrown instanceof SecurityError && thrown.status === 503
}

/** Refuses what is no text, such as a list that a client sent: each is a thing of its own, and none is ever counted twice. */
function checkKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError('the key of a limit must be text')
}

/** Refuses what would add text to a number, or take points away by taking less than none. */
function checkPoints(points: number): void {
  if (!Number.isSafeInteger(points) || points < 1)
    throw new RangeError('points must be whole, from 1')
}
