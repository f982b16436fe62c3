import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, PostgresDialect, type SqliteDatabase, SqliteDialect, sql } from 'kysely'
import { type CustomTypesConfig, Pool, types } from 'pg'
import type { Settings } from './settings.ts'

/** One building project. Instants in epoch milliseconds. */
export interface ProjectRow {
  id: string
  name: string
  site: string
  status: 'planned' | 'active' | 'closed'
  owner_id: string
  created_at: number
}

/** Who works on a project. */
export interface MemberRow {
  project_id: string
  user_id: string
  added_at: number
}

export interface TaskRow {
  id: string
  project_id: string
  title: string
  status: 'open' | 'done'
  assignee_id: string | null
  created_by: string
  created_at: number
}

/** A picture of a task; its bytes are kept by Holdfast under this name. */
export interface PhotoRow {
  file_name: string
  task_id: string
  media_type: string
  display_name: string
  size: number
  added_by: string
  added_at: number
}

export interface Tables {
  projects: ProjectRow
  project_members: MemberRow
  tasks: TaskRow
  photos: PhotoRow
}

const bigint = 20

/** The app's own tables, in a SQLite file or on PostgreSQL. Nothing is opened before the first query. */
export function connectTables({ databaseUrl, dataDir }: Settings): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: databaseUrl ? postgres(databaseUrl) : sqlite(dataDir) })
}

/** Makes the tables that are not there yet. */
export async function makeTables(db: Kysely<Tables>): Promise<void> {
  // holdfast-ignore-sql: the statements stand in this file
  for (const statement of schema) await sql.raw(statement).execute(db)
}

function postgres(connectionString: string): PostgresDialect {
  // Without it the driver gives instants as text.
  const getTypeParser: CustomTypesConfig['getTypeParser'] = (oid, format) =>
    oid === bigint && format !== 'binary' ? Number : types.getTypeParser(oid, format)
  const pool = new Pool({ connectionString, types: { getTypeParser } })
  // A connection that is lost while nobody uses it would end the process; the next query opens another.
  pool.on('error', () => {})
  return new PostgresDialect({ pool })
}

function sqlite(dataDir: string): SqliteDialect {
  return new SqliteDialect({ database: async () => sqliteFile(dataDir) })
}

function sqliteFile(dataDir: string): SqliteDatabase {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = new DatabaseSync(join(dataDir, 'construction.db'))
  file.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000')
  const values = (list: readonly unknown[]) => list as readonly SQLInputValue[]
  return {
    close: () => file.close(),
    prepare(text: string) {
      const statement = file.prepare(text)
      return {
        reader: statement.columns().length > 0,
        all: (list) => statement.all(...values(list)),
        run: (list) => statement.run(...values(list)),
        iterate: (list) => statement.iterate(...values(list)) as IterableIterator<unknown>,
      }
    },
  }
}

const schema = [
  `CREATE TABLE IF NOT EXISTS projects (
    id varchar(36) PRIMARY KEY, name text NOT NULL, site text NOT NULL, status varchar(8) NOT NULL,
    owner_id varchar(36) NOT NULL, created_at bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS project_members (
    project_id varchar(36) NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id varchar(36) NOT NULL, added_at bigint NOT NULL, PRIMARY KEY (project_id, user_id))`,
  `CREATE TABLE IF NOT EXISTS tasks (
    id varchar(36) PRIMARY KEY,
    project_id varchar(36) NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    title text NOT NULL, status varchar(8) NOT NULL, assignee_id varchar(36),
    created_by varchar(36) NOT NULL, created_at bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS photos (
    file_name varchar(48) PRIMARY KEY,
    task_id varchar(36) NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    media_type varchar(32) NOT NULL, display_name text NOT NULL, size integer NOT NULL,
    added_by varchar(36) NOT NULL, added_at bigint NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS photos_task ON photos (task_id)',
  'CREATE INDEX IF NOT EXISTS project_members_user ON project_members (user_id)',
  'CREATE INDEX IF NOT EXISTS tasks_project ON tasks (project_id)',
]
