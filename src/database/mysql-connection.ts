import { decodeBytes, decodeInteger, type EncodedValue } from './codec.ts'
import type { EngineResult } from './engine.ts'
import type { Row } from './types.ts'

interface MysqlField {
  readonly name: string
  /** Type number of the protocol; 8 is BIGINT, 246 DECIMAL. */
  readonly columnType?: number
}

interface MysqlStatement {
  readonly sql: string
  readonly values?: readonly unknown[]
  readonly [option: string]: unknown
}

type Answered = (error: Error | null, result: unknown, fields?: readonly MysqlField[]) => void

/** What is used of a connection of `mysql2`, with callbacks. */
export interface MysqlRawConnection {
  query(statement: MysqlStatement, done: Answered): unknown
  execute(statement: MysqlStatement, done: Answered): unknown
  release(): void
  destroy(): void
}

/** Given with each statement, so that a pool of the app keeps its own. */
const options = Object.freeze({
  rowsAsArray: false,
  nestTables: false,
  namedPlaceholders: false,
  supportBigNumbers: true,
  bigNumberStrings: false,
  dateStrings: true,
  typeCast: true,
})

const integerTypes: ReadonlySet<number> = new Set([8, 246])

/**
 * Runs one statement. Values travel apart from the text, by the server's own prepared statements:
 * `mysql2` would otherwise escape them on this side, which a server with NO_BACKSLASH_ESCAPES
 * undoes. Statements without values (BEGIN, DDL) go as text, since not all can be prepared.
 */
export function runOn(
  connection: MysqlRawConnection,
  sql: string,
  parameters: readonly EncodedValue[],
): Promise<EngineResult> {
  return new Promise((resolve, reject) => {
    const done: Answered = (error, result, fields) => {
      if (error) return reject(error)
      try {
        resolve(decode(result, fields ?? []))
      } catch (damaged) {
        reject(damaged)
      }
    }
    if (parameters.length === 0) connection.query({ ...options, sql }, done)
    else connection.execute({ ...options, sql, values: parameters.map(bindable) }, done)
  })
}

/** mysql2 takes bytes for bytes only when they are a Buffer. */
function bindable(value: EncodedValue): unknown {
  if (!(value instanceof Uint8Array)) return value
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function decode(result: unknown, fields: readonly MysqlField[]): EngineResult {
  if (Array.isArray(result)) return { rows: result.map((row) => decodeRow(row, fields)) }
  const { affectedRows, insertId = 0 } = result as { affectedRows?: number; insertId?: number }
  if (affectedRows === undefined) return { rows: [] }
  return { rows: [], affected: affectedRows, ...(insertId === 0 ? {} : { insertId }) }
}

function decodeRow(row: Record<string, unknown>, fields: readonly MysqlField[]): Row {
  const decoded: Record<string, unknown> = {}
  for (const { name, columnType = 0 } of fields) {
    decoded[name] = decodeValue(row[name], integerTypes.has(columnType))
  }
  return decoded as Row
}

function decodeValue(value: unknown, isInteger: boolean): unknown {
  if (value instanceof Uint8Array) return decodeBytes(value)
  if (isInteger && value !== null) return decodeInteger(value as string | number)
  return value
}
