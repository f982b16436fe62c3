import type { Kysely, Transaction } from 'kysely'

/**
 * All tables by name. Each room adds its own by declaration merging in its `table.ts`:
 * `declare module '../database/types.ts' { interface Tables { hf_users: UserRow } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the rooms through declaration merging
export interface Tables {}

export type DialectName = 'sqlite' | 'postgres' | 'mysql'

/** A handle that reads committed data, or a transaction. Stores that only read take this. */
export type Db = Kysely<Tables>

/** An open transaction. Stores that write take this, so that nothing is written outside one. */
export type Trx = Transaction<Tables>

/** The database as rooms see it. One is made by `openDatabase` and lives as long as its security. */
export interface Database {
  readonly dialect: DialectName
  /**
   * Reads committed data on a connection of its own where the engine needs that. Using it inside a
   * transaction throws: there the transaction's handle must be used, or the pool would deadlock.
   */
  readonly reader: Db
  /**
   * Runs `work` in one READ COMMITTED transaction (SQLite: BEGIN IMMEDIATE), again from the start on
   * a conflict, at most five times; `work` must be re-runnable and may not hash, wait or call out.
   * Rejects with the SecurityError `database_unavailable` (503) when the database cannot be reached.
   */
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>
  /** Queues `task` to run once `trx` has committed; it is dropped when `trx` rolls back. */
  afterCommit(trx: Trx, task: () => void): void
  close(): Promise<void>
}
