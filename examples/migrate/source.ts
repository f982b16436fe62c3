// holdfast-ignore-sql-file: tables are named by the two scripts beside it, never from outside
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export type Row = Readonly<Record<string, unknown>>

/** The database of the old system, read and never written. */
export interface Source {
  hasTable(name: string): Promise<boolean>
  /** Every row of a table whose name is fixed in this code or was found by `hasTable`. */
  rows(table: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** Opens a SQLite file or, by its URL, a PostgreSQL database. Throws when there is none. */
export function openSource(place: string): Promise<Source> {
  return /^postgres(ql)?:/.test(place) ? openPostgres(place) : openSqlite(place)
}

async function openSqlite(path: string): Promise<Source> {
  if (!existsSync(path)) throw new Error('There is no file of this name.')
  const database = new DatabaseSync(path, { readOnly: true })
  return {
    hasTable: async (name) => {
      const tables = database.prepare(
        "select 1 from sqlite_master where type = 'table' and name = ?",
      )
      return tables.get(name) !== undefined
    },
    rows: async (table) => database.prepare(`select * from "${table}"`).all(),
    close: async () => database.close(),
  }
}

async function openPostgres(url: string): Promise<Source> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('set default_transaction_read_only = on')
  return {
    hasTable: async (name) => {
      const found = await client.query('select to_regclass($1) is not null as here', [`"${name}"`])
      return found.rows[0].here
    },
    rows: async (table) => (await client.query(`select * from "${table}"`)).rows,
    close: () => client.end(),
  }
}

/** Text of a column, undefined when it is empty or null. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}

/** A boolean column: SQLite keeps numbers. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 1n || value === 'true' || value === 't'
}

/** An instant in epoch milliseconds, from a date, a text of ISO 8601, seconds or milliseconds. */
export function instantOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined
  if (value instanceof Date) return value.getTime()
  const number = Number(value)
  if (!Number.isNaN(number)) return number < 100_000_000_000 ? number * 1_000 : number
  const parsed = Date.parse(String(value))
  return Number.isNaN(parsed) ? undefined : parsed
}
