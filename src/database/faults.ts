import { SecurityError } from '../errors/index.ts'
import { databaseErrors } from './errors.ts'

/** What went wrong, in words that are equal on all engines. */
export type FaultKind =
  | 'unique'
  | 'reference'
  | 'conflict'
  | 'locked'
  | 'lost'
  | 'unavailable'
  | 'refused'

/** The unique rule that a row broke, as far as the engine tells. */
export interface UniqueViolation {
  /** Name of the index, where the engine gives it (PostgreSQL, MySQL). */
  readonly index?: string
  /** Names of the columns, where the engine gives them (SQLite, PostgreSQL). */
  readonly columns?: readonly string[]
}

const factories = {
  unique: databaseErrors.database_duplicate,
  reference: databaseErrors.database_reference,
  conflict: databaseErrors.database_conflict,
  locked: databaseErrors.database_locked,
  lost: databaseErrors.database_unavailable,
  unavailable: databaseErrors.database_unavailable,
  refused: databaseErrors.database_refused,
} as const

const worthRetrying: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'conflict',
  'locked',
  'lost',
  'unavailable',
])

/** The SecurityError for a driver's error; the original stays as its private cause. */
export function toSecurityError(kind: FaultKind, cause: unknown): SecurityError {
  if (cause instanceof SecurityError) return cause
  const extras = worthRetrying.has(kind) ? { retryAfter: 1 } : {}
  return factories[kind]({ ...extras, cause: withoutValues(cause) })
}

/** For errors while opening: what we refuse keeps its own words, what is away is `unavailable`. */
export function openingError(
  engine: { classify(error: unknown): FaultKind },
  error: unknown,
): unknown {
  const kind = engine.classify(error)
  return kind === 'refused' ? error : toSecurityError('unavailable', error)
}

/**
 * Servers quote the offending value in their message ("Duplicate entry 'ann@example.org' for key").
 * What people typed does not belong in a log.
 */
function withoutValues(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  cause.message = cause.message
    .replace(/(Duplicate entry ').*(' for key)/s, '$1...$2')
    .replace(/(value: ').*(' for column)/s, '$1...$2')
  return cause
}

/** Tells whether `error` means: a row with these unique values exists already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof SecurityError && error.code === 'database_duplicate'
}

/** Which unique rule was broken, or undefined when `error` is something else. */
export function findUniqueViolation(error: unknown): UniqueViolation | undefined {
  if (!(error instanceof SecurityError) || !isUniqueViolation(error)) return undefined
  const cause = error.extras.cause
  if (!(cause instanceof Error)) return {}
  const columns = columnsOf(cause)
  const index = indexOf(cause)
  return { ...(index ? { index } : {}), ...(columns ? { columns } : {}) }
}

function columnsOf(cause: Error): string[] | undefined {
  const sqlite = /^UNIQUE constraint failed: (.+)$/.exec(cause.message)?.[1]
  if (sqlite) return sqlite.split(', ').map((name) => name.slice(name.indexOf('.') + 1))
  const detail = 'detail' in cause && typeof cause.detail === 'string' ? cause.detail : ''
  const postgres = /^Key \(([\w, ]+)\)=/.exec(detail)?.[1]
  return postgres?.split(', ')
}

function indexOf(cause: Error): string | undefined {
  if ('constraint' in cause && typeof cause.constraint === 'string') return cause.constraint
  const key = /for key '([^']+)'$/.exec(cause.message)?.[1]
  return key?.slice(key.lastIndexOf('.') + 1)
}
