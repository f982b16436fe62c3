import {
  AbortedTransactionError,
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'
import type { Clock } from '../ports/index.ts'
import { encodeParameters } from './codec.ts'
import { withDeadline } from './deadline.ts'
import type { Engine, EngineConnection, EngineResult } from './engine.ts'
import { databaseErrors } from './errors.ts'
import { toSecurityError } from './faults.ts'

export interface DriverOptions {
  readonly engine: Engine
  readonly clock: Clock
  /** Called before a connection is taken; throws when taking one would dead-lock. */
  readonly guard: () => void
  /** Refuses everything but reading. */
  readonly readOnly: boolean
}

/** Gives kysely an {@link Engine}: its own compilers, our connections, codec and error classes. */
export class EngineDialect implements Dialect {
  readonly #options: DriverOptions

  constructor(options: DriverOptions) {
    this.#options = options
  }

  createDriver(): Driver {
    return new EngineDriver(this.#options)
  }

  createQueryCompiler(): QueryCompiler {
    return this.#options.engine.createCompiler()
  }

  createAdapter(): DialectAdapter {
    return this.#options.engine.createAdapter()
  }

  createIntrospector(): DatabaseIntrospector {
    throw new Error('Introspection is not part of the database room')
  }
}

class EngineDriver implements Driver {
  readonly #options: DriverOptions

  constructor(options: DriverOptions) {
    this.#options = options
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const { engine, guard } = this.#options
    guard()
    try {
      return new DriverConnection(await engine.acquire(), this.#options)
    } catch (error) {
      throw toSecurityError(engine.classify(error), error)
    }
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#options.readOnly) throw new Error('Use database.transaction, not reader.transaction')
    for (const sql of this.#options.engine.begin) await own(connection).control(sql)
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).commit()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).rollback()
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release()
  }

  async destroy(): Promise<void> {}
}

function own(connection: DatabaseConnection): DriverConnection {
  if (connection instanceof DriverConnection) return connection
  throw new Error('This connection belongs to another driver')
}

const writes: ReadonlySet<string> = new Set([
  'InsertQueryNode',
  'UpdateQueryNode',
  'DeleteQueryNode',
  'MergeQueryNode',
])

class DriverConnection implements DatabaseConnection {
  readonly #connection: EngineConnection
  readonly #options: DriverOptions
  #broken = false

  constructor(connection: EngineConnection, options: DriverOptions) {
    this.#connection = connection
    this.#options = options
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#options.readOnly && writes.has(query.query.kind)) {
      throw new Error('The reader does not write: use database.transaction')
    }
    const { rows, affected, insertId } = await this.#run(query)
    return {
      rows: rows as unknown as R[],
      ...(affected === undefined ? {} : { numAffectedRows: BigInt(affected) }),
      ...(insertId === undefined ? {} : { insertId: BigInt(insertId) }),
    }
  }

  // biome-ignore lint/correctness/useYield: streams are refused
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streams would hold a connection for long: read page by page, by key')
  }

  async control(sql: string): Promise<EngineResult> {
    return await this.#run(CompiledQuery.raw(sql))
  }

  /**
   * A connection lost here leaves the outcome unknown: the transaction may be saved or not. Such an
   * error is never retried, for the work could then happen twice.
   */
  async commit(): Promise<void> {
    let result: EngineResult
    try {
      result = await this.control('commit')
    } catch (error) {
      throw this.#broken ? databaseErrors.database_outcome_unknown({ cause: error }) : error
    }
    if (result.command === 'ROLLBACK') throw new AbortedTransactionError()
  }

  /** A failed rollback must not hide why it was needed: the connection is given up instead. */
  async rollback(): Promise<void> {
    if (this.#broken) return
    try {
      await this.control('rollback')
    } catch {
      this.#broken = true
    }
  }

  release(): void {
    this.#connection.release(this.#broken)
  }

  async #run(query: CompiledQuery): Promise<EngineResult> {
    const parameters = encodeParameters(query.parameters)
    const { engine } = this.#options
    try {
      return await this.#withinLimit(this.#connection.execute(query.sql, parameters))
    } catch (error) {
      const kind = engine.classify(error)
      if (kind === 'lost') this.#broken = true
      throw toSecurityError(kind, error)
    }
  }

  /** The server has a limit of its own, a little shorter; this one is for a server that is gone. */
  async #withinLimit(pending: Promise<EngineResult>): Promise<EngineResult> {
    const { engine, clock } = this.#options
    if (engine.statementMs === undefined) return await pending
    let finished = false
    const done = () => {
      finished = true
    }
    pending.then(done, done)
    try {
      return await withDeadline(pending, { ms: engine.statementMs, clock, what: 'a statement' })
    } catch (error) {
      if (!finished) this.#broken = true
      throw error
    }
  }
}
