import type { KeyObject } from 'node:crypto'
import type { CspReportBody } from '../contract-csp.ts'
import { type Database, inBatches } from '../database/index.ts'
import type { Limits } from '../limits/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { Policy } from './directives.ts'
import { cspErrors } from './errors.ts'
import { type OwnPlaces, readReports } from './read-reports.ts'
import { dayMs, ReportTally } from './report-tally.ts'
import { senderOf } from './sender.ts'
import { type CspFinding, deleteReports, sumReports, totalReports } from './store.ts'
import { type CspSuggestion, suggestPolicy } from './suggest.ts'

const keptDays = 30
const usualDays = 7
const mostFindings = 500
/** A suggestion looks at all that is kept. */
const mostForSuggestion = 20_000

/** What is asked for. */
export interface CspQuery {
  /** Days in UTC, today included; 1 to 30. */
  readonly days?: number | undefined
}

/** What browsers reported, on all nodes. */
export interface CspSummary {
  /** Begin of the first day, epoch milliseconds. */
  readonly since: number
  readonly reports: number
  /** The most frequent first, at most 500. */
  readonly findings: readonly CspFinding[]
}

/** The policy that reports are about. */
export interface ReportedPolicy {
  /** Every directive that is sent. */
  readonly policy: Policy
  /** What the options change of Holdfast's own policy. */
  readonly changes: Readonly<Record<string, readonly string[] | false>>
  /** Whether one client alone is believed, as in development, where there is no other. */
  readonly believesOne: boolean
  /** `report` while a policy is on trial. */
  readonly disposition: 'enforce' | 'report'
  /** Where in `headers.contentSecurityPolicy` the changes stand. */
  readonly option: 'directives' | 'candidate'
}

export interface CspReportsParts {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: Limits
  readonly own: OwnPlaces
  /** The route of a page, by its path. */
  readonly routeOf: (path: string) => string
  /** Undefined where no policy is sent. */
  readonly reported: ReportedPolicy | undefined
  readonly secure: boolean
  /** Tells clients apart without naming them. */
  readonly hashKey: KeyObject
}

/**
 * What browsers report about the Content-Security-Policy: by directive, what was blocked and the route
 * of the page, added up by day and kept for thirty. No address is kept whole, and no sample of a script.
 * Anybody can send reports: they are hints to people and change nothing by themselves.
 */
export class CspReports {
  readonly #parts: CspReportsParts
  readonly #tally: ReportTally

  constructor(parts: CspReportsParts) {
    this.#parts = parts
    this.#tally = new ReportTally({
      clock: parts.clock,
      mayAdd: (client) => this.#may('csp_rows', client),
      senderOf: (client, day) => senderOf(parts.hashKey, client, day),
    })
  }

  /**
   * Counts what a client delivers. The delivery took a point before it was read, and with it its first
   * report; each further one takes a point too, and where none is left the others are dropped.
   * @internal the route's
   */
  take(body: CspReportBody, client: string): void {
    for (const [at, { path, ...violation }] of readReports(body, this.#parts.own).entries()) {
      if (at > 0 && !this.#may('csp_reports', client)) return
      const route = path === '' ? '(no page)' : this.#parts.routeOf(path)
      this.#tally.note({ ...violation, route }, client)
    }
  }

  /** What was reported in the last days; 7 unless told. Throws `csp_days_invalid` (400). */
  async summary({ days = usualDays }: CspQuery = {}): Promise<CspSummary> {
    const since = this.#sinceOf(days)
    await this.#flushQuietly()
    const { reader } = this.#parts.database
    const [reports, findings] = await Promise.all([
      totalReports(reader, since),
      sumReports(reader, since, mostFindings),
    ])
    return { since, reports, findings: findings.map(({ bySeveral, ...finding }) => finding) }
  }

  /**
   * The tightest policy that would have let pass what was reported in the last days, 30 unless told, and
   * what has to be changed in the pages instead. It loosens nothing by itself. Undefined where no policy
   * is sent. Throws `csp_days_invalid` (400).
   */
  async suggest({ days = keptDays }: CspQuery = {}): Promise<CspSuggestion | undefined> {
    const since = this.#sinceOf(days)
    const { database, reported, secure } = this.#parts
    if (!reported) return undefined
    await this.#flushQuietly()
    const findings = await sumReports(database.reader, since, mostForSuggestion)
    return suggestPolicy(findings, { ...reported, secure })
  }

  /**
   * Writes what this node has counted.
   * @internal run by a timer
   */
  flush(): Promise<void> {
    return this.#tally.flush(this.#parts.database)
  }

  /**
   * Deletes what is older than thirty days.
   * @internal run by a job
   */
  async sweep(signal?: AbortSignal): Promise<void> {
    const before = this.#sinceOf(keptDays)
    await inBatches(this.#parts.database, { size: 500, signal }, (trx, size) =>
      deleteReports(trx, before, size),
    )
  }

  #may(policy: 'csp_reports' | 'csp_rows', client: string): boolean {
    const verdict = this.#parts.limits.consume(policy, client)
    if (verdict instanceof Promise) throw new TypeError('reports are counted in memory')
    return verdict.allowed
  }

  #sinceOf(days: number): number {
    if (!Number.isInteger(days) || days < 1 || days > keptDays) throw cspErrors.csp_days_invalid()
    const now = this.#parts.clock.now()
    return now - (now % dayMs) - (days - 1) * dayMs
  }

  /** Telling what was counted before is better than telling nothing. */
  async #flushQuietly(): Promise<void> {
    await this.flush().catch((error) => {
      this.#parts.logger.warn('reports of browsers wait to be recorded', { error })
    })
  }
}
