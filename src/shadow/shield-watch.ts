import type { ShieldControl } from '../config/index.ts'
import type { Database } from '../database/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import { shadowErrors } from './errors.ts'
import { dayMs, type RefusalExample } from './refusal-count.ts'
import type { RouteNames } from './route-names.ts'
import type { ShadowLog } from './shadow-log.ts'
import {
  deleteRefusals,
  findExamples,
  type RefusalExamples,
  sumRefusals,
  totalRefusals,
} from './store.ts'

const keptDays = 30
const usualDays = 7
const mostLines = 500
const mostExampleRows = 2_000

/** What a report is about. */
export interface ShieldReportQuery {
  /** Days in UTC, today included; 1 to 30, 7 unless given. */
  readonly days?: number | undefined
  /** False: only what passed and would have been refused. True: only what was refused. Absent: both. */
  readonly enforced?: boolean | undefined
}

/** How often rules of a control refused, or would have refused. */
export interface ControlCount {
  readonly control: ShieldControl
  readonly enforced: boolean
  readonly count: number
}

/** One rule of a control on one route. */
export interface ReportedRefusal extends ControlCount {
  /** A stable code or the id of a rule. */
  readonly rule: string
  /** Method and route as the app writes it; `(unknown route)` for paths that no known route has. */
  readonly route: string
  /** Epoch milliseconds. */
  readonly firstAt: number
  readonly lastAt: number
  /** The last ones, at most three, without anything that was sent. */
  readonly examples: readonly RefusalExample[]
}

/** What the shield refused and would have refused, on all nodes. */
export interface ShieldReport {
  /** From this instant on, epoch milliseconds: the start of a day in UTC. */
  readonly since: number
  readonly until: number
  /** The mode of each control, as this process is configured. */
  readonly modes: ControlModes
  /** Over all rules, with the requests they were found in: one request may break several. */
  readonly totals: readonly (ControlCount & { readonly requests: number })[]
  /** The most frequent first, at most 500. */
  readonly refusals: readonly ReportedRefusal[]
}

/** Mode by control: `off`, `shadow` or `on`, and for detection `off`, `monitor` or `block`. */
export type ControlModes = Readonly<Partial<Record<ShieldControl, string>>>

export interface ShieldWatchParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly log: ShadowLog
  readonly routes: RouteNames
  readonly modes: ControlModes
}

/**
 * What the shield refused, and what it would refuse if its controls were on. Counts of other nodes are
 * seen ten seconds later, those of this one at once. They are kept for thirty days.
 */
export class ShieldWatch {
  readonly #parts: ShieldWatchParts

  constructor(parts: ShieldWatchParts) {
    this.#parts = parts
  }

  /** Throws `shield_report_invalid` (400) for days that are not kept. */
  async report({ days = usualDays, enforced }: ShieldReportQuery = {}): Promise<ShieldReport> {
    if (!Number.isInteger(days) || days < 1 || days > keptDays) {
      throw shadowErrors.shield_report_invalid()
    }
    await this.#flushQuietly()
    const { clock, database, modes } = this.#parts
    const until = clock.now()
    const since = until - (until % dayMs) - (days - 1) * dayMs
    const range = { since, enforced }
    const [totals, sums, shown] = await Promise.all([
      totalRefusals(database.reader, range),
      sumRefusals(database.reader, { ...range, limit: mostLines }),
      findExamples(database.reader, { ...range, limit: mostExampleRows }),
    ])
    const examples = examplesByLine(shown)
    const refusals = sums.map((sum) => ({ ...sum, examples: examples.get(lineOf(sum)) ?? [] }))
    return { since, until, modes, totals, refusals } as ShieldReport
  }

  /**
   * Tells the paths of an app whose router Holdfast does not see, such as one of plain node:http, so that
   * reports can name them: `/orders/:id`. Routes of Express are known by themselves.
   */
  nameRoutes(paths: readonly string[]): void {
    this.#parts.routes.learn(paths)
  }

  /** Deletes what is older than thirty days. */
  async sweep(): Promise<void> {
    const { clock, database } = this.#parts
    const now = clock.now()
    const before = now - (now % dayMs) - (keptDays - 1) * dayMs
    await database.transaction((trx) => deleteRefusals(trx, before))
  }

  /** A report about what was counted before is better than none. */
  async #flushQuietly(): Promise<void> {
    const { database, log, logger } = this.#parts
    await log.flush(database).catch((error) => {
      logger.warn('refusals by the shield wait to be recorded', { error })
    })
  }
}

type Line = Pick<RefusalExamples, 'control' | 'rule' | 'route' | 'enforced'>

function lineOf({ control, enforced, route, rule }: Line): string {
  return `${control} ${rule} ${route} ${enforced}`
}

/** Of several days the latest, which comes first. */
function examplesByLine(rows: readonly RefusalExamples[]) {
  const found = new Map<string, readonly RefusalExample[]>()
  for (const row of rows) if (!found.has(lineOf(row))) found.set(lineOf(row), row.examples)
  return found
}
