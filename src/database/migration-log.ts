import { decodeInteger } from './codec.ts'
import { c } from './columns.ts'
import { createTableSql } from './ddl.ts'
import type { Made } from './migration.ts'
import { flavoured, type TextFlavour } from './migration-text.ts'
import { defineTable, type TableRow } from './table.ts'
import type { Row, Session, Storable } from './types.ts'

/** What has run in this database. It is made by the migrator itself, before the first migration. */
export const migrationsTable = defineTable('hf_migrations', {
  columns: {
    name: c.text(160),
    checksum: c.text(64),
    started_at: c.time(),
    finished_at: c.time().nullable(),
  },
  primaryKey: ['name'],
})

declare module './types.ts' {
  interface Tables {
    hf_migrations: TableRow<typeof migrationsTable>
  }
}

export interface LoggedMigration {
  readonly name: string
  readonly checksum: string
  readonly startedAt: number
  /** Absent while it runs, or when it stopped half-way. */
  readonly finishedAt?: number
}

/** The SQL of the migrator: what has run, and what is there. One session, any engine. */
export class MigrationLog {
  readonly #session: Session
  readonly #flavour: TextFlavour

  constructor(session: Session, flavour: TextFlavour) {
    this.#session = session
    this.#flavour = flavour
  }

  /** Every migration that has begun; none when the table is not there yet. */
  async all(): Promise<LoggedMigration[]> {
    if (!(await this.exists(logMade))) return []
    const rows = await this.#run(
      'select name, checksum, started_at, finished_at from hf_migrations order by started_at, name',
    )
    return rows.map(readLogged)
  }

  async ensureTable(): Promise<void> {
    if (await this.exists(logMade)) return
    for (const sql of createTableSql(migrationsTable, this.#flavour.dialect)) await this.#run(sql)
  }

  async start(name: string, checksum: string, now: number): Promise<void> {
    const sql = 'insert into hf_migrations (name, checksum, started_at) values (?, ?, ?)'
    await this.#run(sql, [name, checksum, now])
  }

  async finish(name: string, now: number): Promise<void> {
    await this.#run('update hf_migrations set finished_at = ? where name = ?', [now, name])
  }

  /** Says that `name` is being undone; if that stops half-way, `up` makes it whole again. */
  async reopen(name: string): Promise<void> {
    await this.#run('update hf_migrations set finished_at = null where name = ?', [name])
  }

  async remove(name: string): Promise<void> {
    await this.#run('delete from hf_migrations where name = ?', [name])
  }

  async countRows(table: string): Promise<number> {
    // holdfast-ignore-sql: table names are constants of the migrations
    const [row] = await this.#run(`select count(*) as rows_there from ${table}`)
    return decodeInteger(Number(row?.rows_there))
  }

  /** Whether a table, column or index is there, by its name in the code. */
  async exists({ kind, table, name }: Made): Promise<boolean> {
    const [inDatabase, nameInDatabase] = [table, name].map((n) => flavoured(n, this.#flavour))
    const sql = existsSql[this.#flavour.dialect][kind]
    const values = kind === 'table' ? [inDatabase] : [inDatabase, nameInDatabase]
    return (await this.#run(sql, values as string[])).length > 0
  }

  async #run(sql: string, parameters: readonly Storable[] = []): Promise<readonly Row[]> {
    let position = 0
    const text = flavoured(sql, this.#flavour)
    const numbered =
      this.#flavour.dialect === 'postgres' ? text.replace(/\?/g, () => `$${++position}`) : text
    return await this.#session.execute(numbered, parameters)
  }
}

const logMade: Made = { kind: 'table', table: migrationsTable.name, name: migrationsTable.name }

const existsSql = {
  sqlite: {
    table: `select 1 as there from sqlite_schema where type = 'table' and name = ?`,
    column: 'select 1 as there from pragma_table_info(?) where name = ?',
    index: `select 1 as there from sqlite_schema where type = 'index' and tbl_name = ? and name = ?`,
  },
  postgres: {
    table: `select 1 as there from pg_catalog.pg_tables where schemaname = current_schema() and tablename = ?`,
    column: `select 1 as there from information_schema.columns where table_schema = current_schema() and table_name = ? and column_name = ?`,
    index: `select 1 as there from pg_catalog.pg_indexes where schemaname = current_schema() and tablename = ? and indexname = ?`,
  },
  mysql: {
    table: `select 1 as there from information_schema.tables where table_schema = database() and table_name = ?`,
    column: `select 1 as there from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?`,
    index: `select 1 as there from information_schema.statistics where table_schema = database() and table_name = ? and index_name = ? limit 1`,
  },
} as const

function readLogged(row: Row): LoggedMigration {
  const finished = row.finished_at
  return {
    name: String(row.name),
    checksum: String(row.checksum),
    startedAt: decodeInteger(Number(row.started_at)),
    ...(finished === null ? {} : { finishedAt: decodeInteger(Number(finished)) }),
  }
}
