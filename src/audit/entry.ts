import type { Actor, Origin, Outcome, Resource } from '../events/index.ts'

/** What an app writes into the audit log with `audit.record`. */
export interface AuditEntry {
  /** Dotted verb phrase, for example `report.turnover.viewed`; 1 to 100 of `a-z 0-9 . _ -`. */
  readonly action: string
  readonly actor?: Actor
  readonly resource?: Resource
  readonly outcome?: Outcome
  readonly reason?: string
  readonly origin?: Origin
  /** Flat facts worth keeping: strings, numbers, booleans. Names that look secret are dropped. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>
}

/**
 * A transaction of ours, or one that the app opened with Kysely on the same database. It is only
 * written to: committing it is the app's.
 */
export interface AppTransaction {
  readonly isTransaction: boolean
}

/** The use of a route, written in batches off the request's path. */
export interface AccessEntry extends AuditEntry {
  readonly status: number
  readonly durationMs: number
}

const actionShape = /^[a-z0-9][a-z0-9._-]{0,99}$/

/** Whether `text` can stand as the action of an entry. */
export function isAuditAction(text: string): boolean {
  return actionShape.test(text)
}
