import type { ShieldControl } from '../config/index.ts'
import type { Database } from '../database/index.ts'
import type { Exchange } from '../http/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import { fieldName } from './field-name.ts'
import { dayMs, keyOf, type RefusalCount, type RefusalExample, sumOf } from './refusal-count.ts'
import type { RouteNames } from './route-names.ts'
import { addRefusals } from './store.ts'

/** A request that a control refused, or would have refused while it is in shadow. */
export interface WatchedRefusal {
  readonly control: ShieldControl
  /** What of the control spoke: a stable code or the id of a rule, never anything that was sent. */
  readonly rule: string
  /** Whether the request was refused in fact. */
  readonly enforced: boolean
  readonly exchange: Exchange
  /** Where in the request it was found, such as `query.q` or `header.cookie`. */
  readonly field?: string | undefined
  /** Names of fields that the app itself wrote down, which are told as they are. */
  readonly known?: ReadonlySet<string>
}

export interface ShadowLogParts {
  readonly clock: Clock
  readonly logger: Logger
  readonly routes: RouteNames
}

/** However long the database is away, this is what a node remembers. */
const mostCounts = 2_000
const longestRule = 200
const batchSize = 100
const minuteMs = 60_000
/** Stands for the rule where a control could not judge. */
const undecided = 'undecided'
/** Stands for the route once there are too many counts. */
export const otherRoutes = '(other routes)'

/**
 * Counts what the shield refuses and what it would refuse, by day, control, rule and route. Noting is a
 * look-up in memory; `flush` adds what there is to the table of all nodes. No value of a request is kept.
 */
export class ShadowLog {
  readonly #parts: ShadowLogParts
  #counts = new Map<string, RefusalCount>()
  readonly #seen = new WeakMap<Exchange, Set<string>>()
  readonly #toldAt = new Map<ShieldControl, number>()
  #flushing: Promise<void> | undefined

  constructor(parts: ShadowLogParts) {
    this.#parts = parts
  }

  /** Things told apart at the moment. */
  get size(): number {
    return this.#counts.size
  }

  note({ control, enforced, exchange, field, known, rule }: WatchedRefusal): void {
    const { clock, routes } = this.#parts
    const at = clock.now()
    const { ip } = exchange.state.client ?? {}
    const example: RefusalExample = {
      ...{ at, requestId: exchange.requestId },
      ...(ip === undefined ? {} : { ip }),
      ...(field === undefined ? {} : { field: fieldName(field, known) }),
    }
    this.#add({
      ...{ day: at - (at % dayMs), control, rule: rule.slice(0, longestRule), enforced },
      ...{ route: routes.nameOf(exchange), count: 1, firstAt: at, lastAt: at },
      requests: this.#isFirst(exchange, `${control} ${enforced}`) ? 1 : 0,
      examples: [example],
    })
  }

  /**
   * A control in shadow could not judge a request, which passes as what it would have refused does. Counted
   * as the rule `undecided`; the log has a line a minute.
   */
  noteUndecided(error: unknown, found: Pick<WatchedRefusal, 'control' | 'exchange'>): void {
    const { clock, logger } = this.#parts
    this.note({ ...found, rule: undecided, enforced: false })
    const { control, exchange } = found
    const now = clock.now()
    const told = this.#toldAt.get(control)
    if (told !== undefined && now - told < minuteMs) return
    this.#toldAt.set(control, now)
    const { requestId } = exchange
    logger.warn('a control in shadow could not judge a request', { control, requestId, error })
  }

  /** A request may break several rules of one control; it is counted once for the control. */
  #isFirst(exchange: Exchange, outcome: string): boolean {
    const seen = this.#seen.get(exchange) ?? new Set()
    this.#seen.set(exchange, seen)
    return seen.size < seen.add(outcome).size
  }

  /** Adds what was counted to the table; what fails is kept for the next time. */
  flush(database: Database): Promise<void> {
    this.#flushing ??= this.#write(database).finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  /** The last flush, with what was noted while another one was under way. */
  async close(database: Database): Promise<void> {
    await this.#flushing?.catch(() => {})
    await this.flush(database)
  }

  /** All nodes take the rows in one order, so that two of them cannot wait for each other. */
  async #write(database: Database): Promise<void> {
    const waiting = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
    this.#counts = new Map()
    try {
      while (waiting.length > 0) {
        const batch = waiting.slice(0, batchSize)
        await database.transaction((trx) => addRefusals(trx, batch))
        waiting.splice(0, batch.length)
      }
    } catch (error) {
      for (const one of waiting) this.#add(one)
      throw error
    }
  }

  #add(more: RefusalCount): void {
    const isNew = !this.#counts.has(keyOf(more))
    const kept = isNew && this.#counts.size >= mostCounts ? { ...more, route: otherRoutes } : more
    const known = this.#counts.get(keyOf(kept))
    this.#counts.set(keyOf(kept), known ? sumOf(known, kept) : kept)
  }
}
