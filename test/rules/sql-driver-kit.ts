import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import type { Sql, SqlValue } from '../../src/index.ts'
import type { EngineName } from '../services/fresh-database.ts'

/** A driver of an app, as it is used without us. */
export interface SqlDriver {
  run(statement: Sql): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<unknown>
}

/** Connects to a database of `freshDatabase`; SQLite is in memory. */
export async function openDriver(engine: EngineName, url: string): Promise<SqlDriver> {
  if (engine === 'postgres') {
    const client = new pg.Client(url)
    await client.connect()
    return { run: async (one) => (await client.query(one)).rows, close: () => client.end() }
  }
  if (engine === 'mariadb') {
    const connection = await createConnection(url.replace(/^mariadb:/, 'mysql:'))
    const run = async (one: Sql) => {
      const { sql: text, values } = one.for('mysql')
      const [rows] = await connection.execute(text, values as never)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    }
    return { run, close: () => connection.end() }
  }
  const database = new DatabaseSync(':memory:')
  const run = async (one: Sql) => {
    const { text, values } = one.for('sqlite')
    return database.prepare(text).all(...(values as Exclude<SqlValue, boolean | Date>[]))
  }
  return { run, close: async () => database.close() }
}
