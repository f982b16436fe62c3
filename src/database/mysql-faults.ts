import type { FaultKind } from './faults.ts'

const numbers: ReadonlyMap<number, FaultKind> = new Map<number, FaultKind>([
  [1062, 'unique'],
  [1586, 'unique'],
  [1216, 'reference'],
  [1217, 'reference'],
  [1451, 'reference'],
  [1452, 'reference'],
  [1213, 'conflict'],
  [1020, 'conflict'],
  [1205, 'locked'],
  [3572, 'locked'],
  [1317, 'unavailable'],
  [1969, 'unavailable'],
  [3024, 'unavailable'],
  [1053, 'lost'],
  [1927, 'lost'],
  [4031, 'lost'],
  [1040, 'unavailable'],
  [1203, 'unavailable'],
  [1226, 'unavailable'],
  [1044, 'unavailable'],
  [1045, 'unavailable'],
  [1049, 'unavailable'],
  [1130, 'unavailable'],
  [1021, 'unavailable'],
  [1036, 'unavailable'],
  [1114, 'unavailable'],
  [1290, 'unavailable'],
  [1792, 'unavailable'],
])

const codes: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['PROTOCOL_CONNECTION_LOST', 'lost'],
  ['PROTOCOL_SEQUENCE_TIMEOUT', 'lost'],
  ['ECONNRESET', 'lost'],
  ['EPIPE', 'lost'],
  ['ETIMEDOUT', 'lost'],
  ['ECONNREFUSED', 'unavailable'],
  ['EHOSTUNREACH', 'unavailable'],
  ['ENOTFOUND', 'unavailable'],
  ['EAI_AGAIN', 'unavailable'],
])

const lost = /closed state|connection is closed|fatal error/i
const noConnection = /queue limit reached|pool is closed/i

/**
 * Names the kind of an error of `mysql2`. The number decides: MariaDB's numbers above 4000 carry the
 * name of another MySQL error in `code`, or none.
 */
export function classifyMysql(error: unknown): FaultKind {
  if (!(error instanceof Error)) return 'refused'
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : 0
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = numbers.get(number) ?? codes.get(code)
  if (known) return known
  if (noConnection.test(error.message)) return 'unavailable'
  return lost.test(error.message) ? 'lost' : 'refused'
}
