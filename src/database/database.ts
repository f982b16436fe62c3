import { AsyncLocalStorage } from 'node:async_hooks'
import { CompiledQuery, Kysely } from 'kysely'
import { SecurityError } from '../errors/index.ts'
import type { Clock, Logger, Random } from '../ports/index.ts'
import { decodeInteger, encodeParameters } from './codec.ts'
import { withDeadline } from './deadline.ts'
import { EngineDialect } from './driver.ts'
import type { Engine, EngineConnection } from './engine.ts'
import { databaseErrors } from './errors.ts'
import { toSecurityError } from './faults.ts'
import { renamePlugins } from './rename-plugin.ts'
import { jitter } from './retry.ts'
import type {
  Database,
  DatabaseStatus,
  Db,
  Row,
  Session,
  Storable,
  TableNaming,
  Tables,
  Trx,
} from './types.ts'

export interface EngineDatabaseOptions {
  readonly writer: Engine
  /** The same engine as `writer` unless reading has a connection of its own. */
  readonly reader: Engine
  readonly naming: TableNaming
  readonly clock: Clock
  /** Measures waits in real time, also where tests drive the app's clock. */
  readonly waits: Clock
  readonly random: Random
  readonly logger: Logger
}

/** A transaction in progress, as the code inside it sees it. */
interface Scope {
  open: boolean
}

type AfterCommit = (() => void)[]

/** Transactions are short; whoever hangs longer is not waited for. */
const drainMs = 10_000

const maxRetries: Readonly<Record<string, number>> = { database_conflict: 5, database_locked: 1 }

/** The {@link Database} over an engine. */
export class EngineDatabase implements Database {
  readonly reader: Db
  readonly naming: TableNaming
  readonly clock: Clock
  readonly #options: EngineDatabaseOptions
  readonly #writer: Db
  readonly #scope = new AsyncLocalStorage<Scope>()
  readonly #afterCommit = new WeakMap<Trx, AfterCommit>()
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(options: EngineDatabaseOptions) {
    this.#options = options
    this.naming = options.naming
    this.clock = options.clock
    this.#writer = this.#kysely(options.writer, false)
    this.reader = this.#kysely(options.reader, true)
  }

  get dialect(): Database['dialect'] {
    return this.#options.writer.dialect
  }

  async transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    this.#refuseInside('database.transaction')
    const running = this.#untilSaved(work)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  afterCommit(trx: Trx, task: () => void): void {
    const tasks = this.#afterCommit.get(trx)
    if (!tasks) throw new Error('afterCommit needs an open transaction of this database')
    tasks.push(task)
  }

  async session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#refuseInside('database.session')
    const { writer } = this.#options
    const connection = await this.#translated(writer.acquire())
    const session = this.#sessionOn(connection)
    let broken = true
    try {
      for (const sql of writer.unlimited.on) await session.execute(sql)
      const result = await work(session)
      for (const sql of writer.unlimited.off) await session.execute(sql)
      broken = false
      return result
    } finally {
      connection.release(broken)
    }
  }

  async ping(deadlineMs: number): Promise<void> {
    await withDeadline(this.#ask('select 1 as one'), {
      ms: deadlineMs,
      clock: this.#options.waits,
      what: 'a health check of the database',
    })
  }

  async serverNow(): Promise<number> {
    const row = await this.#ask(this.#options.reader.nowSql)
    return decodeInteger(Number(row.server_now))
  }

  async status(): Promise<DatabaseStatus> {
    const { waits, reader } = this.#options
    const row = await this.#ask(reader.versionSql)
    const started = waits.monotonic()
    await this.#ask('select 1 as one')
    const roundTripMs = waits.monotonic() - started
    const server = String(row.version)
    return { dialect: this.dialect, server, roundTripMs, poolSize: reader.poolSize }
  }

  async close(): Promise<void> {
    this.#closing ??= this.#closeEngines()
    await this.#closing
  }

  async #closeEngines(): Promise<void> {
    const { writer, reader, waits: clock } = this.#options
    const running = Promise.allSettled([...this.#running])
    await withDeadline(running, { ms: drainMs, clock, what: 'closing' }).catch(() => {})
    if (reader !== writer) await reader.close()
    await writer.close()
  }

  #kysely(engine: Engine, readOnly: boolean): Db {
    const guard = () => this.#refuseInside(readOnly ? 'database.reader' : 'a second transaction')
    const dialect = new EngineDialect({ engine, clock: this.#options.waits, guard, readOnly })
    return new Kysely<Tables>({ dialect, plugins: renamePlugins(this.naming) })
  }

  /** A transaction that waits for a second connection waits for itself once the pool is used up. */
  #refuseInside(what: string): void {
    if (this.#closing) throw databaseErrors.database_unavailable({ cause: new Error('closed') })
    if (!this.#scope.getStore()?.open) return
    throw new Error(`${what} was used inside a transaction: pass its handle (trx) instead`)
  }

  async #untilSaved<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#attempt(work)
      } catch (error) {
        if (!this.#mayRetry(error, attempt)) throw error
      }
      await jitter(10 * 2 ** attempt, this.#options.random)
    }
  }

  async #attempt<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
    const tasks: AfterCommit = []
    const scope: Scope = { open: true }
    try {
      const result = await this.#writer
        .transaction()
        .execute((trx) => this.#scope.run(scope, () => this.#work(trx, tasks, work)))
      scope.open = false
      this.#runAfterCommit(tasks)
      return result
    } finally {
      scope.open = false
    }
  }

  async #work<T>(trx: Trx, tasks: AfterCommit, work: (trx: Trx) => Promise<T>): Promise<T> {
    this.#afterCommit.set(trx, tasks)
    try {
      return await work(trx)
    } finally {
      this.#afterCommit.delete(trx)
    }
  }

  #runAfterCommit(tasks: AfterCommit): void {
    for (const task of tasks) {
      try {
        task()
      } catch (error) {
        this.#options.logger.error('A task failed after its transaction was saved', { error })
      }
    }
  }

  #mayRetry(error: unknown, attempt: number): boolean {
    return error instanceof SecurityError && attempt < (maxRetries[error.code] ?? 0)
  }

  #sessionOn(connection: EngineConnection): Session {
    const execute = async (sql: string, parameters: readonly Storable[] = []) => {
      const result = await this.#translated(connection.execute(sql, encodeParameters(parameters)))
      return result.rows
    }
    return { execute }
  }

  async #ask(sql: string): Promise<Row> {
    const { rows } = await this.reader.executeQuery<Row>(CompiledQuery.raw(sql))
    return rows[0] ?? {}
  }

  async #translated<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending
    } catch (error) {
      throw toSecurityError(this.#options.writer.classify(error), error)
    }
  }
}
