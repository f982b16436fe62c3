import type { Database, Trx } from '../database/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import { limitId, windowClaim } from './claim.ts'
import type { ExactCharge, ExactLimits } from './exact.ts'
import { type LimitPolicy, type LimitVerdict, verdictOf } from './policy.ts'
import type { SqlLimits } from './sql.ts'
import type { WindowClaim } from './store.ts'
import type { ValkeyDriver } from './valkey-client.ts'
import { consumeScript, refundScript } from './valkey-scripts.ts'
import { ValkeyServer } from './valkey-server.ts'

const store = 'valkey' as const
/** For how long a key outlives its window: more than the clocks of two nodes may differ by. */
const keepMs = 120_000
/** For how long after a return other nodes may still count in SQL. */
const slackMs = 60_000

export interface ValkeyLimitsOptions extends ValkeyDriver {
  readonly database: Database
  /** The insurance; its hash key must be the same. */
  readonly sql: SqlLimits
  /** At least 32 bytes of its own; keys reach Valkey only as HMAC under it. */
  readonly hashKey: Uint8Array
  readonly logger: Logger
  /** Measures waits in real time; the system's own clock unless a test gives one. */
  readonly waits?: Clock
}

/**
 * Limits in Valkey or Redis: the same windows as in SQL, each decision one script. While the server is
 * away or slow SQL decides. From a return, and from a start, what SQL has counted is counted too until
 * it has ended, so that coming back gives nobody a new budget. Points go back where they were taken and
 * only after the commit of their success; where that is uncertain they stay taken.
 */
export class ValkeyLimits implements ExactLimits {
  readonly #options: ValkeyLimitsOptions
  readonly #server: ValkeyServer

  constructor(options: ValkeyLimitsOptions) {
    const { client, database, logger, name, waits } = options
    this.#options = options
    const probe = () => this.#probe()
    this.#server = new ValkeyServer({
      ...{ client, name, probe, logger },
      clock: database.clock,
      ...(waits ? { waits } : {}),
    })
  }

  /** Connects. A server that is away is a warning: SQL decides until it comes. */
  start(): Promise<void> {
    return this.#server.start()
  }

  /** Waits for refunds that are under way. */
  close(): Promise<void> {
    return this.#server.close()
  }

  /** Rejects with `database_unavailable` when neither Valkey nor the database can say. */
  async consume(policy: LimitPolicy, key: string, points: number): Promise<LimitVerdict> {
    const { sql } = this.#options
    const inSql = await this.#spentInSql(policy, key)
    if (!this.#server.here || inSql?.allowed === false) return sql.consume(policy, key, points)
    const claim = this.#claim(policy, key, points)
    const elsewhere = inSql ? inSql.limit - inSql.remaining : 0
    const answer = await this.#take(policy, claim, elsewhere)
    if (!answer) return sql.consume(policy, key, points)
    const [taken, used, endsAt] = answer
    const window = { used: used + elsewhere, endsAt, now: claim.now, store }
    return verdictOf(policy, taken === 1, window)
  }

  async peek(policy: LimitPolicy, key: string): Promise<LimitVerdict> {
    const inSql = await this.#spentInSql(policy, key)
    if (inSql?.allowed === false) return inSql
    const claim = this.#claim(policy, key, 1)
    const row = await this.#server.ask((client) =>
      client.hmget(this.#key(claim.id), 'used', 'ends', 'blocked'),
    )
    if (!row) return this.#options.sql.peek(policy, key)
    const window = openWindow(row, claim)
    const used = window.used + (inSql ? inSql.limit - inSql.remaining : 0)
    const allowed = !window.blocked && used < policy.points
    return verdictOf(policy, allowed, { used, endsAt: window.endsAt, now: claim.now, store })
  }

  /**
   * What was taken in SQL goes back in `trx`. What was taken here goes back once `trx` has committed,
   * and never when it rolls back or when Valkey is away by then.
   */
  async refund(trx: Trx, policy: LimitPolicy, charge: ExactCharge): Promise<void> {
    const { database, hashKey, sql } = this.#options
    if (charge.store !== store) return sql.refund(trx, policy, charge)
    const key = this.#key(limitId(hashKey, policy, charge.key))
    database.afterCommit(trx, () => {
      const parameters = [charge.points, String(charge.endsAt)]
      void this.#server.ask((client) => refundScript.run(client, key, parameters))
    })
  }

  /** Forgets the key in both. While Valkey is away it keeps what it has counted, until its window ends. */
  async reset(policy: LimitPolicy, key: string): Promise<void> {
    const { hashKey, sql } = this.#options
    await sql.reset(policy, key)
    await this.#server.ask((client) => client.del(this.#key(limitId(hashKey, policy, key))))
  }

  /** The window in SQL, for as long as one may be open there. */
  async #spentInSql(policy: LimitPolicy, key: string): Promise<LimitVerdict | undefined> {
    const { database, sql } = this.#options
    if (!this.#server.here) return undefined
    const longest = Math.max(policy.windowMs, policy.blockMs ?? 0) + slackMs
    const over = database.clock.monotonic() >= this.#server.since + longest
    return over ? undefined : sql.peek(policy, key)
  }

  async #take(
    policy: LimitPolicy,
    claim: WindowClaim,
    elsewhere: number,
  ): Promise<readonly [number, number, number] | undefined> {
    const { endsAt, horizon, id, limit, now, points } = claim
    const block = policy.blockMs ?? 0
    const parameters = [points, limit, elsewhere, now, endsAt, horizon, block, keepMs]
    const answer = await this.#server.ask((client) =>
      consumeScript.run(client, this.#key(id), parameters),
    )
    return answer as readonly [number, number, number] | undefined
  }

  #claim(policy: LimitPolicy, key: string, points: number): WindowClaim {
    const { database, hashKey } = this.#options
    const now = database.clock.now()
    return windowClaim(policy, { id: limitId(hashKey, policy, key), points, now })
  }

  /** Runs both scripts: a server that lacks one does not let a refund fall behind what follows it. */
  async #probe(): Promise<void> {
    const { client, database } = this.#options
    const [key, now] = [this.#key('probe'), database.clock.now()]
    await consumeScript.run(client, key, [1, 2 ** 31, 0, now, now + 1, now + 2, 0, keepMs])
    await refundScript.run(client, key, [1, String(now + 1)])
  }

  #key(id: string): string {
    return `${this.#options.database.naming.prefix}limits:${id}`
  }
}

function openWindow(row: readonly (string | null)[], claim: WindowClaim) {
  const [used, ends, blocked] = row
  const endsAt = Number(ends ?? 0)
  const open = endsAt > claim.now && endsAt <= claim.horizon
  if (!open) return { used: 0, endsAt: claim.endsAt, blocked: false }
  return { used: Number(used), endsAt, blocked: blocked === '1' }
}
