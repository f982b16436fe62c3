import { type Clock, type Logger, type Random, systemClock, systemRandom } from '../ports/index.ts'
import { EngineDatabase } from './database.ts'
import type { Engine } from './engine.ts'
import { findMysqlPool, openMysql } from './mysql.ts'
import { isPgPool, openPostgres } from './postgres.ts'
import { poolOfKysely } from './postgres-kysely.ts'
import { defaultPrefix } from './rename-plugin.ts'
import { openSqlite } from './sqlite.ts'
import type { Database, DialectName } from './types.ts'
import { unreachable } from './unreachable.ts'

export interface OpenDatabaseOptions {
  /**
   * `sqlite:./app.db`, `sqlite::memory:`, `file:///srv/app.db`, `postgres://`, `postgresql://`,
   * `mysql://` or `mariadb://`. Give this, `pool` or `kysely`.
   */
  readonly url?: string
  /** A pool of the app: a `pg` Pool, or a `mysql2` pool (callback or promise). It is not closed. */
  readonly pool?: unknown
  /** A Kysely of the app over PostgreSQL. It is not closed. */
  readonly kysely?: unknown
  /** Stands before the name of each table; the default is `hf_`. */
  readonly tablePrefix?: string
  /** PostgreSQL schema of the tables. It must exist. */
  readonly schema?: string
  /** Connections this process may hold; the default is 10. SQLite always has two. */
  readonly poolSize?: number
  /** The clock of the app, from which rows take their instants. */
  readonly clock: Clock
  readonly logger: Logger
  readonly random?: Random
  /** Longest wait for a free connection or a lock, milliseconds; the default is 5,000. */
  readonly waitMs?: number
}

/**
 * Opens the database and checks that it keeps the promises that the rooms rely on. Throws an Error
 * that names the fix when the options contradict, a driver is not installed or the server is set up
 * in an unsafe way; rejects with `database_unavailable` when it cannot be reached.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  refuseContradictions(options)
  const naming = {
    prefix: options.tablePrefix ?? defaultPrefix,
    ...(options.schema === undefined ? {} : { schema: options.schema }),
  }
  const { clock, logger, random = systemRandom } = options
  const engines = await openEngines(options)
  return new EngineDatabase({ ...engines, naming, clock, waits: systemClock, random, logger })
}

function refuseContradictions(options: OpenDatabaseOptions): void {
  const given = [options.url, options.pool, options.kysely].filter((item) => item !== undefined)
  if (given.length !== 1) {
    throw new Error('Give the database exactly one of: url, pool, kysely')
  }
  for (const name of [options.tablePrefix, options.schema]) {
    if (name !== undefined && !/^[a-z][a-z0-9_]{0,29}$/.test(name)) {
      throw new Error(
        'A table prefix or schema is 1 to 30 of a-z, 0-9 and _, and begins with a letter',
      )
    }
  }
  const poolSize = options.poolSize ?? 10
  if (!Number.isInteger(poolSize) || poolSize < 1) {
    throw new Error('poolSize is a whole number of at least 1')
  }
}

interface Engines {
  readonly writer: Engine
  readonly reader: Engine
}

async function openEngines(options: OpenDatabaseOptions): Promise<Engines> {
  const { url, kysely, schema, logger, random = systemRandom } = options
  const { poolSize = 10, waitMs = 5_000 } = options
  const pool = kysely === undefined ? options.pool : poolOfKysely(kysely)
  const shared = { clock: systemClock, logger, poolSize, waitMs }
  const dialect = schemeOf(url) ?? dialectOfPool(pool)
  if (schema !== undefined && dialect !== 'postgres') {
    throw new Error('Only PostgreSQL knows schemas')
  }
  if (dialect === 'sqlite') return await openSqlite({ ...shared, url: url ?? '', random })
  const away = (error: unknown) => {
    throw unreachable(error, url)
  }
  if (dialect === 'postgres') {
    const given = { ...shared, ...only({ url, schema }), ...pgPool(pool) }
    return both(await openPostgres(given).catch(away))
  }
  if (dialect === 'mysql') {
    return both(await openMysql({ ...shared, ...only({ url }), ...mysqlPool(pool) }).catch(away))
  }
  throw new Error('Unknown database: use a URL, a pool of pg or mysql2, or a Kysely')
}

function both(engine: Engine): Engines {
  return { writer: engine, reader: engine }
}

/** The entries that are there: options that may be absent may not be undefined. */
function only(entries: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const present = Object.entries(entries).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined
  })
  return Object.fromEntries(present)
}

function pgPool(pool: unknown) {
  return isPgPool(pool) ? { pool } : {}
}

function mysqlPool(given: unknown) {
  const pool = findMysqlPool(given)
  return pool ? { pool } : {}
}

function dialectOfPool(pool: unknown): DialectName | undefined {
  if (isPgPool(pool)) return 'postgres'
  return findMysqlPool(pool) ? 'mysql' : undefined
}

const schemes: ReadonlyMap<string, DialectName> = new Map<string, DialectName>([
  ['sqlite', 'sqlite'],
  ['file', 'sqlite'],
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
])

/** The engine that a URL names. The URL itself holds a password and is never part of an error. */
function schemeOf(url: string | undefined): DialectName | undefined {
  if (url === undefined) return undefined
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const dialect = schemes.get(scheme)
  if (dialect) return dialect
  const known = [...schemes.keys()].map((name) => `${name}:`).join(', ')
  throw new Error(`Unknown kind of database URL "${scheme}:"; known are ${known}`)
}
