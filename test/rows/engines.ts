import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import {
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import type { RowFilter } from '../../src/http/index.ts'
import { type EngineName, freshDatabase } from '../services/fresh-database.ts'
import { shape, type Thing } from './things.ts'

/** A database of its own with the table `things`, asked by the drivers that an app uses. */
export interface Asked {
  readonly dialect: 'sqlite' | 'postgres' | 'mysql'
  readonly url: string
  /** Ids of the rows that a filter lets through, by its text or by its Kysely form. */
  ids(filter: RowFilter, form: 'text' | 'kysely'): Promise<readonly number[]>
  close(): Promise<void>
}

type Query = (text: string, parameters: readonly unknown[]) => Promise<readonly { id: number }[]>

const columns = ['id', 'name', 'word', 'size', 'count', 'open', 'at', 'owner_id', 'tenant_id']

// Text columns compare as differently as the engine can: the filter has to see through it.
const tables = {
  sqlite: `create table things (id integer primary key, name text collate nocase, word text collate rtrim,
    size real, count integer, open integer, at integer, owner_id text collate nocase, tenant_id text) strict`,
  postgres: `create collation loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
    create table things (id int primary key, name text collate loose, word varchar(40),
    size double precision, count bigint, open boolean, at bigint, owner_id text collate loose, tenant_id varchar(36))`,
  mysql: `create table things (id int primary key, name varchar(40) collate utf8mb4_general_ci,
    word varchar(40) character set utf8mb4 collate utf8mb4_unicode_ci, size double, count bigint, open boolean, at bigint,
    owner_id varchar(36) collate utf8mb4_general_ci, tenant_id varchar(36) character set latin1)`,
}

const forms = {
  sqlite: [SqliteAdapter, SqliteQueryCompiler],
  postgres: [PostgresAdapter, PostgresQueryCompiler],
  mysql: [MysqlAdapter, MysqlQueryCompiler],
} as const

/** Opens an engine and puts `rows` into it. */
export async function askEngine(engine: EngineName, rows: readonly Thing[]): Promise<Asked> {
  const dialect = engine === 'mariadb' ? 'mysql' : engine
  const fresh = await freshDatabase(engine)
  const { query, run, end } = await driver(engine, fresh.url)
  await run(tables[dialect])
  for (const row of rows) await insert(query, dialect, row)
  const [Adapter, Compiler] = forms[dialect]
  const kysely = new Kysely<{ things: { id: number } }>({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: () => {
        throw new Error('not asked')
      },
      createQueryCompiler: () => new Compiler(),
    },
  })
  return {
    dialect,
    url: fresh.url,
    async ids(filter, form) {
      if (form === 'kysely') {
        const compiled = kysely
          .selectFrom('things as t')
          .select('t.id')
          .where(filter.kysely('t', dialect))
          .compile()
        return sorted(await query(compiled.sql, compiled.parameters))
      }
      const { text, parameters } = filter.sql({ dialect })
      return sorted(await query(`select id from things where ${text}`, parameters))
    },
    async close() {
      await end()
      await fresh.drop()
    },
  }
}

async function driver(engine: EngineName, url: string) {
  if (engine === 'sqlite') {
    const database = new DatabaseSync(url.slice('sqlite:'.length))
    const query: Query = async (text, parameters) =>
      database.prepare(text).all(...(parameters as string[])) as unknown as { id: number }[]
    return {
      query,
      run: async (text: string) => database.exec(text),
      end: async () => database.close(),
    }
  }
  if (engine === 'postgres') {
    const client = await connect(url)
    const query: Query = async (text, parameters) =>
      (await client.query(text, [...parameters])).rows as { id: number }[]
    return {
      query,
      run: async (text: string) => void (await client.query(text)),
      end: () => client.end(),
    }
  }
  const connection = await createConnection({ uri: url })
  const query: Query = async (text, parameters) => {
    const [found] = await connection.execute(text, parameters as string[])
    return found as unknown as { id: number }[]
  }
  return {
    query,
    run: async (text: string) => void (await connection.query(text)),
    end: () => connection.end(),
  }
}

/** A client of PostgreSQL, perhaps as another role. */
export async function connect(url: string, user?: string): Promise<pg.Client> {
  const address = new URL(url)
  if (user) address.username = user
  const client = new pg.Client({ connectionString: address.href })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function insert(query: Query, dialect: Asked['dialect'], row: Thing): Promise<void> {
  const values = columns.map((column) =>
    column === 'open' && dialect === 'postgres' && row.open !== null ? row.open === 1 : row[column],
  )
  const holders = columns.map((_, at) => (dialect === 'postgres' ? `$${at + 1}` : '?'))
  await query(`insert into things values (${holders.join(', ')})`, values)
}

function sorted(rows: readonly { id: number }[]): readonly number[] {
  return rows.map(({ id }) => id).sort((a, b) => a - b)
}

/** Two roles without any privilege of the server: the owner of the table, and the app. */
export async function plainRoles(client: pg.Client): Promise<{ owner: string; app: string }> {
  const suffix = randomBytes(4).toString('hex')
  const [owner, app] = [`owner_${suffix}`, `app_${suffix}`]
  await client.query(`create role ${owner} login; create role ${app} login;
    alter table ${shape.table} owner to ${owner};
    grant select, insert, update, delete on ${shape.table} to ${app}`)
  return { owner, app }
}
