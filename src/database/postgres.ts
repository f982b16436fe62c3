import { PostgresAdapter } from 'kysely'
import type { Clock, Logger } from '../ports/index.ts'
import { decodeInteger, type EncodedValue } from './codec.ts'
import { StrictPostgresCompiler } from './compilers.ts'
import { withDeadline } from './deadline.ts'
import type { Engine, EngineConnection, EngineResult } from './engine.ts'
import { type FaultKind, openingError } from './faults.ts'
import { classifyPostgres } from './postgres-faults.ts'
import type { Row } from './types.ts'

export interface PostgresOptions {
  readonly url?: string
  /** A pool of the app; it is used as it is and never closed. */
  readonly pool?: PgPool
  readonly schema?: string
  readonly poolSize: number
  readonly waitMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** What is used of a result of `pg`. */
export interface PgResult {
  readonly rows: readonly Row[]
  readonly rowCount: number | null
  readonly command: string
}

/** What is given to `pg` as a query. */
export interface PgQuery {
  readonly text: string
  readonly values: readonly unknown[]
  readonly types: { getTypeParser(oid: number): (text: string) => unknown }
}

/** What is used of a client of `pg`. */
export interface PgClient {
  query(query: PgQuery): Promise<PgResult>
  release(destroy?: boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** What is used of a Pool of `pg`, so that its types are not needed to compile against Holdfast. */
export interface PgPool {
  readonly options?: { readonly max?: number }
  connect(): Promise<PgClient>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

const statementMs = 10_000

/** Opens PostgreSQL by URL, with a pool of our own, or over a pool of the app. */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const pool = options.pool ?? (await ownPool(options))
  const engine = new PostgresEngine(pool, options)
  try {
    await checkServer(engine, options.schema)
  } catch (error) {
    await engine.close().catch(() => {})
    throw openingError(engine, error)
  }
  return engine
}

/** Recognises a Pool of `pg` among what an app may give. */
export function isPgPool(pool: unknown): pool is PgPool {
  if (typeof pool !== 'object' || pool === null || !('connect' in pool)) return false
  return !('getConnection' in pool)
}

async function ownPool(options: PostgresOptions): Promise<PgPool> {
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new Error('PostgreSQL needs its driver: npm install pg', { cause })
  })
  return new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: options.waitMs,
    statement_timeout: statementMs,
    lock_timeout: options.waitMs,
    idle_in_transaction_session_timeout: 2 * statementMs,
    keepAlive: true,
    application_name: 'holdfast',
  }) as unknown as PgPool
}

/** READ COMMITTED is written out, for the default of a role or database may be another. */
const begin = 'begin isolation level read committed'

class PostgresEngine implements Engine {
  readonly dialect = 'postgres'
  readonly begin = [begin]
  readonly nowSql =
    'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as server_now'
  readonly versionSql = `select 'PostgreSQL ' || current_setting('server_version') as version`
  readonly statementMs = statementMs + 2_000
  readonly unlimited = { on: [], off: [] }
  readonly poolSize: number
  readonly #pool: PgPool
  readonly #options: PostgresOptions
  readonly #listened = new WeakSet<PgClient>()

  constructor(pool: PgPool, options: PostgresOptions) {
    this.#pool = pool
    this.#options = options
    this.poolSize = pool.options?.max ?? options.poolSize
    pool.on('error', this.#onError)
  }

  createCompiler(): StrictPostgresCompiler {
    return new StrictPostgresCompiler()
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter()
  }

  async acquire(): Promise<EngineConnection> {
    const { waitMs, clock } = this.#options
    const client = await withDeadline(this.#pool.connect(), {
      ms: waitMs,
      clock,
      what: 'waiting for a database connection',
      late: (late) => late.release(),
    })
    this.#listen(client)
    return {
      execute: (sql, parameters) => runOn(client, sql, parameters),
      release: (broken) => client.release(broken),
    }
  }

  classify(error: unknown): FaultKind {
    return classifyPostgres(error)
  }

  async close(): Promise<void> {
    if (this.#options.pool === undefined) await this.#pool.end()
    else this.#pool.off('error', this.#onError)
  }

  /** Without a listener on the pool and on each client a killed connection ends the process. */
  #listen(client: PgClient): void {
    if (this.#listened.has(client)) return
    this.#listened.add(client)
    client.on('error', () => {})
  }

  readonly #onError = (error: Error) => {
    this.#options.logger.warn('An idle connection to PostgreSQL was lost', { error })
  }
}

async function runOn(
  client: PgClient,
  sql: string,
  parameters: readonly EncodedValue[],
): Promise<EngineResult> {
  const { rows, rowCount, command } = await client.query({ text: sql, values: parameters, types })
  return wrote.has(command) ? { rows, affected: rowCount ?? 0, command } : { rows, command }
}

const wrote: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

const asText = (text: string) => text
const asBoolean = (text: string) => (text === 't' ? 1 : 0)
const asBytes = (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'))

/** By type number: bool, bytea, int8, int2, int4, numeric. `pg` gives int8 and sums as text. */
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<
  number,
  (text: string) => unknown
>([
  [16, asBoolean],
  [17, asBytes],
  [20, decodeInteger],
  [21, decodeInteger],
  [23, decodeInteger],
  [1700, decodeInteger],
])

/** Given with each query, so that a pool of the app keeps its own parsers. */
const types = Object.freeze({ getTypeParser: (oid: number) => parsers.get(oid) ?? asText })

async function checkServer(engine: Engine, schema: string | undefined): Promise<void> {
  const [row] = await askOnce(
    engine,
    `select current_setting('server_version_num')::integer as server_number,
      current_setting('server_encoding') as encoding,
      (select count(*) from pg_catalog.pg_namespace where nspname = $1) as schemas`,
    [schema ?? 'pg_catalog'],
  )
  if (Number(row?.server_number) < 130_000) throw new Error('PostgreSQL 13 or newer is needed')
  if (row?.encoding !== 'UTF8') {
    throw new Error('The PostgreSQL database must have the encoding UTF8')
  }
  if (row.schemas !== 1) throw new Error(`Create the schema first: create schema "${schema}"`)
}

async function askOnce(
  engine: Engine,
  sql: string,
  parameters: readonly EncodedValue[],
): Promise<readonly Row[]> {
  const connection = await engine.acquire()
  try {
    return (await connection.execute(sql, parameters)).rows
  } finally {
    connection.release(false)
  }
}
