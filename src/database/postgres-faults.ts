import type { FaultKind } from './faults.ts'

const codes: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['23505', 'unique'],
  ['23503', 'reference'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['55P03', 'locked'],
  ['57014', 'unavailable'],
  ['57P01', 'lost'],
  ['57P02', 'lost'],
  ['57P05', 'lost'],
  ['25P03', 'lost'],
  ['57P03', 'unavailable'],
  ['25006', 'unavailable'],
  ['3D000', 'unavailable'],
  ['ECONNRESET', 'lost'],
  ['EPIPE', 'lost'],
  ['ETIMEDOUT', 'lost'],
  ['ECONNREFUSED', 'unavailable'],
  ['EHOSTUNREACH', 'unavailable'],
  ['ENOTFOUND', 'unavailable'],
  ['EAI_AGAIN', 'unavailable'],
])

/** Classes of SQLSTATE: connection, authorisation, resources of the server. */
const classes: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['08', 'lost'],
  ['28', 'unavailable'],
  ['53', 'unavailable'],
])

const lost = /connection terminated|connection error and is not queryable|client was closed/i
const noConnection = /timeout exceeded when trying to connect|pool after calling end/i

/** Names the kind of an error of `pg` by its SQLSTATE, or by the text of errors without one. */
export function classifyPostgres(error: unknown): FaultKind {
  if (!(error instanceof Error)) return 'refused'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const byCode = codes.get(code) ?? (code.length === 5 ? classes.get(code.slice(0, 2)) : undefined)
  if (byCode) return byCode
  if (noConnection.test(error.message)) return 'unavailable'
  return lost.test(error.message) ? 'lost' : 'refused'
}
