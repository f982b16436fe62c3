import type { DialectAdapter, QueryCompiler } from 'kysely'
import type { EncodedValue } from './codec.ts'
import type { FaultKind } from './faults.ts'
import type { DialectName, Row } from './types.ts'

export interface EngineResult {
  readonly rows: readonly Row[]
  /** Rows matched by an INSERT, UPDATE or DELETE, even when their values stay the same. */
  readonly affected?: number
  /** MySQL's last insert id, when a statement made or noted one. */
  readonly insertId?: number
  /** The word the server gave for what it did; PostgreSQL says ROLLBACK to a COMMIT that failed. */
  readonly command?: string
}

/** One connection taken from an engine. It belongs to its holder until released. */
export interface EngineConnection {
  execute(sql: string, parameters: readonly EncodedValue[]): Promise<EngineResult>
  /** `broken` connections are closed, never reused. */
  release(broken: boolean): void
}

/**
 * One database server (or file) and how to talk to it. Everything above this interface is the same
 * for all; everything that differs between engines is behind it.
 */
export interface Engine {
  readonly dialect: DialectName
  readonly poolSize: number
  /** Statements that open a transaction, in order. */
  readonly begin: readonly string[]
  /** Asks the server's clock: one row, one column `server_now`, epoch milliseconds. */
  readonly nowSql: string
  /** Asks the server's name and version: one row, one column `version`. */
  readonly versionSql: string
  /** Client-side limit of one statement; absent where statements run in this process. */
  readonly statementMs?: number
  /** Statements that lift and restore the limits of a session for migrations. */
  readonly unlimited: { readonly on: readonly string[]; readonly off: readonly string[] }
  createCompiler(): QueryCompiler
  createAdapter(): DialectAdapter
  /** Waits for a free connection, in order of arrival, at most for the engine's deadline. */
  acquire(): Promise<EngineConnection>
  classify(error: unknown): FaultKind
  close(): Promise<void>
}
