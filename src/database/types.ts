import type { Kysely, Transaction } from 'kysely'
import type { Clock } from '../ports/index.ts'

/**
 * All tables by name. Each room adds its own by declaration merging in its `table.ts`:
 * `declare module '../database/types.ts' { interface Tables { hf_users: TableRow<typeof users> } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the rooms through declaration merging
export interface Tables {}

export type DialectName = 'sqlite' | 'postgres' | 'mysql'

/** A handle that reads committed data, or a transaction. Stores that only read take this. */
export type Db = Kysely<Tables>

/** An open transaction. Stores that write take this, so that nothing is written outside one. */
export type Trx = Transaction<Tables>

/** What may be bound to a statement. Everything else is refused before it reaches the driver. */
export type Storable = string | number | bigint | boolean | null | Uint8Array

/** A row as the engines return it: text, safe integers, bytes and null. */
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>

/** One connection held for a while, outside any transaction. For migrations and locks only. */
export interface Session {
  /** Runs one statement; the placeholder is `?` on SQLite and MySQL, `$1` on PostgreSQL. */
  execute(sql: string, parameters?: readonly Storable[]): Promise<readonly Row[]>
}

/** How tables are called in this database. */
export interface TableNaming {
  /** Stands instead of `hf_`. */
  readonly prefix: string
  /** PostgreSQL schema, when it is not the connection's own. */
  readonly schema?: string
}

/** What a start and `/readyz` may tell administrators. Holds no address and no credential. */
export interface DatabaseStatus {
  readonly dialect: DialectName
  /** For example `PostgreSQL 15.18`. */
  readonly server: string
  /** Milliseconds that one round trip took just now. */
  readonly roundTripMs: number
  /** Connections this process may hold. */
  readonly poolSize: number
}

/** The database as rooms see it. One is made by `openDatabase` and lives as long as its security. */
export interface Database {
  readonly dialect: DialectName
  readonly naming: TableNaming
  /** The clock of the app: instants in rows come from here and never from the server. */
  readonly clock: Clock
  /**
   * Reads committed data on a connection of its own where the engine needs that. It refuses to
   * write. Using it inside a transaction throws: there the transaction's handle must be used, or
   * the pool would deadlock.
   */
  readonly reader: Db
  /**
   * Runs `work` in one READ COMMITTED transaction (SQLite: BEGIN IMMEDIATE), again from the start on
   * a conflict, at most five times; `work` must be re-runnable and may not hash, wait or call out.
   * Rejects with the SecurityError `database_unavailable` (503) when the database cannot be reached,
   * and `database_outcome_unknown` (503) when the connection was lost while committing.
   */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>
  /** Queues `task` to run once `trx` has committed; it is dropped when `trx` rolls back. */
  afterCommit(trx: Trx, task: () => void): void
  /** Holds one connection outside any transaction. Only migrations and locks need it. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Resolves when the database answered within `deadlineMs`, else `database_unavailable`. */
  ping(deadlineMs: number): Promise<void>
  /** The clock of the database server, epoch milliseconds; it is compared and never stored. */
  serverNow(): Promise<number>
  status(): Promise<DatabaseStatus>
  /** Waits for running transactions, then closes every connection that is ours. */
  close(): Promise<void>
}
