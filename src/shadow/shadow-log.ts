import type { ShieldControl } from '../config/index.ts'
import type { Exchange } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import { routeShape } from './route-shape.ts'

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
}

/** One case, told without anything that its sender wrote. */
export interface RefusalExample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly requestId: string
  readonly ip?: string
  readonly field?: string
}

/** How often a rule spoke on a route since the last flush. */
export interface RefusalCount {
  readonly control: ShieldControl
  readonly rule: string
  readonly route: string
  readonly enforced: boolean
  readonly count: number
  /** The last ones, at most three. */
  readonly examples: readonly RefusalExample[]
}

export interface ShadowLogParts {
  readonly clock: Clock
}

interface Counting extends Omit<RefusalCount, 'count' | 'examples'> {
  count: number
  readonly examples: RefusalExample[]
}

/** Attackers choose paths, so there is a bound to what they can make a node remember. */
const mostCounts = 2_000
const mostExamples = 3
/** Stands for the route once there are too many of them. */
export const otherRoutes = '(other routes)'

/**
 * Counts what the shield refuses and what it would refuse, by control, rule and route. Noting is a look-up
 * in memory; `take` hands over what there is, for the store. No value of a request is ever kept.
 */
export class ShadowLog {
  readonly #parts: ShadowLogParts
  #counts = new Map<string, Counting>()

  constructor(parts: ShadowLogParts) {
    this.#parts = parts
  }

  note(refusal: WatchedRefusal): void {
    const { exchange, field } = refusal
    const found = this.#counting(refusal)
    found.count += 1
    const { ip } = exchange.state.client ?? {}
    found.examples.push({
      at: this.#parts.clock.now(),
      requestId: exchange.requestId,
      ...(ip === undefined ? {} : { ip }),
      ...(field === undefined ? {} : { field: field.slice(0, 100) }),
    })
    if (found.examples.length > mostExamples) found.examples.shift()
  }

  /** What was counted since the last call. */
  take(): readonly RefusalCount[] {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    return counts
  }

  #counting({ control, enforced, exchange, rule }: WatchedRefusal): Counting {
    const shape = routeShape(exchange)
    const known = this.#counts.get(keyOf(shape))
    if (known) return known
    const route = this.#counts.size < mostCounts ? shape : otherRoutes
    const kept = this.#counts.get(keyOf(route))
    if (kept) return kept
    const fresh: Counting = { control, rule, route, enforced, count: 0, examples: [] }
    this.#counts.set(keyOf(route), fresh)
    return fresh

    function keyOf(path: string): string {
      return `${control} ${rule} ${enforced} ${path}`
    }
  }
}
