import { MysqlAdapter } from 'kysely'
import type { Clock, Logger } from '../ports/index.ts'
import { StrictMysqlCompiler } from './compilers.ts'
import { withDeadline } from './deadline.ts'
import type { Engine, EngineConnection } from './engine.ts'
import { type FaultKind, openingError } from './faults.ts'
import { checkServer, checkSession, type MysqlServer } from './mysql-checks.ts'
import { type MysqlRawConnection, runOn } from './mysql-connection.ts'
import { classifyMysql } from './mysql-faults.ts'

export interface MysqlOptions {
  readonly url?: string
  /** A pool of the app; it is used as it is and never closed. */
  readonly pool?: MysqlPool
  readonly poolSize: number
  readonly waitMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** What is used of a pool of `mysql2`, with callbacks. */
export interface MysqlPool {
  readonly config?: { readonly connectionLimit?: number }
  getConnection(done: (error: Error | null, connection: MysqlRawConnection) => void): void
  end(done: (error: Error | null) => void): void
}

const statementMs = 10_000

/** Opens MySQL or MariaDB by URL, with a pool of our own, or over a pool of the app. */
export async function openMysql(options: MysqlOptions): Promise<Engine> {
  const pool = options.pool ?? (await ownPool(options))
  const engine = new MysqlEngine(pool, options)
  try {
    await engine.start()
  } catch (error) {
    await engine.close().catch(() => {})
    throw openingError(engine, error)
  }
  return engine
}

/** Recognises a pool of `mysql2`, also one with promises, among what an app may give. */
export function findMysqlPool(pool: unknown): MysqlPool | undefined {
  if (typeof pool !== 'object' || pool === null || !('getConnection' in pool)) return undefined
  return ('pool' in pool ? pool.pool : pool) as MysqlPool
}

async function ownPool(options: MysqlOptions): Promise<MysqlPool> {
  const mysql2 = await import('mysql2').catch((cause: unknown) => {
    throw new Error('MySQL and MariaDB need their driver: npm install mysql2', { cause })
  })
  return mysql2.createPool({
    uri: (options.url ?? '').replace(/^mariadb:/, 'mysql:'),
    connectionLimit: options.poolSize,
    connectTimeout: options.waitMs,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    timezone: 'Z',
    multipleStatements: false,
    disableEval: true,
    maxPreparedStatements: 256,
    flags: ['FOUND_ROWS', '-LOCAL_FILES'],
  }) as unknown as MysqlPool
}

class MysqlEngine implements Engine {
  readonly dialect = 'mysql'
  readonly nowSql = 'select cast(unix_timestamp(now(3)) * 1000 as signed) as server_now'
  readonly versionSql =
    `select concat(if(version() like '%MariaDB%', 'MariaDB ', 'MySQL '), version()) as version`
  readonly statementMs = statementMs + 2_000
  readonly poolSize: number
  readonly begin: readonly string[]
  readonly #pool: MysqlPool
  readonly #options: MysqlOptions
  readonly #prepared = new WeakSet<MysqlRawConnection>()
  #server: MysqlServer = { mariadb: false }

  constructor(pool: MysqlPool, options: MysqlOptions) {
    this.#pool = pool
    this.#options = options
    this.poolSize = pool.config?.connectionLimit ?? options.poolSize
    this.begin = this.#ownsPool
      ? ['start transaction']
      : ['set transaction isolation level read committed', 'start transaction']
  }

  get unlimited(): Engine['unlimited'] {
    return this.#ownsPool ? { on: [this.#limits(0)], off: [this.#limits(statementMs)] } : noLimits
  }

  createCompiler(): StrictMysqlCompiler {
    return new StrictMysqlCompiler()
  }

  createAdapter(): MysqlAdapter {
    return new MysqlAdapter()
  }

  /** Looks at the server before the first use: version, collation, counting of matched rows. */
  async start(): Promise<void> {
    const connection = await this.#connect()
    try {
      const ask = (sql: string) => runOn(connection, sql, [])
      this.#server = await checkServer(ask)
      if (!this.#ownsPool) await checkSession(ask)
    } finally {
      connection.destroy()
    }
  }

  async acquire(): Promise<EngineConnection> {
    const connection = await this.#connect()
    try {
      await this.#prepare(connection)
    } catch (error) {
      connection.destroy()
      throw error
    }
    return {
      execute: (sql, parameters) => runOn(connection, sql, parameters),
      release: (broken) => (broken ? connection.destroy() : connection.release()),
    }
  }

  classify(error: unknown): FaultKind {
    return classifyMysql(error)
  }

  async close(): Promise<void> {
    if (!this.#ownsPool) return
    await new Promise<void>((resolve, reject) => {
      this.#pool.end((error) => (error ? reject(error) : resolve()))
    })
  }

  get #ownsPool(): boolean {
    return this.#options.pool === undefined
  }

  #connect(): Promise<MysqlRawConnection> {
    const { waitMs, clock } = this.#options
    const pending = new Promise<MysqlRawConnection>((resolve, reject) => {
      this.#pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection)))
    })
    return withDeadline(pending, {
      ms: waitMs,
      clock,
      what: 'waiting for a database connection',
      late: (connection) => connection.release(),
    })
  }

  /** Sets what our rules rely on; the session of an app's pool is looked at and left alone. */
  async #prepare(connection: MysqlRawConnection): Promise<void> {
    if (this.#prepared.has(connection)) return
    if (this.#ownsPool) {
      for (const sql of this.#settings()) await runOn(connection, sql, [])
    } else {
      await checkSession((sql) => runOn(connection, sql, []))
    }
    this.#prepared.add(connection)
  }

  #settings(): string[] {
    const lockSeconds = Math.max(1, Math.round(this.#options.waitMs / 1_000))
    return [
      'set session transaction isolation level read committed',
      `set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
      `set session time_zone = '+00:00', innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${2 * lockSeconds}`,
      this.#limits(statementMs),
    ]
  }

  #limits(ms: number): string {
    return this.#server.mariadb
      ? `set session max_statement_time = ${ms / 1_000}, idle_transaction_timeout = ${(2 * ms) / 1_000}`
      : `set session max_execution_time = ${ms}`
  }
}

const noLimits = Object.freeze({ on: [], off: [] })
