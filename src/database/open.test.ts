import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely'
import mysql from 'mysql2'
import mysqlPromise from 'mysql2/promise'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type EngineName,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { silentLogger, systemClock } from '../ports/index.ts'
import { bumpCounter, type Database, insertIfAbsent, Migrator, openDatabase } from './index.ts'
import { contractMigrations, thing } from './testdata/contract.ts'

const ports = { clock: systemClock, logger: silentLogger }

/** What an app may hand over, by engine, and how to see afterwards that it still works. */
interface Given {
  readonly options: { readonly pool: unknown } | { readonly kysely: unknown }
  readonly ask: () => Promise<unknown>
  readonly end: () => Promise<unknown>
}

function givenPg(url: string): Given {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  // The server may drop the database while a socket of the ended pool lingers.
  pool.on('error', () => {})
  const ask = async () => (await pool.query('select 1::bigint as one')).rows
  return { options: { pool }, ask, end: () => pool.end() }
}

function givenKysely(url: string): Given {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  // The server may drop the database while a socket of the ended pool lingers.
  pool.on('error', () => {})
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const ask = async () => (await pool.query('select 1::bigint as one')).rows
  return { options: { kysely }, ask, end: () => pool.end() }
}

function givenMysql(url: string): Given {
  const pool = mysql.createPool({ uri: url, connectionLimit: 3 })
  const ask = async () => (await pool.promise().query("select '1' as one"))[0]
  return { options: { pool }, ask, end: () => pool.promise().end() }
}

function givenMysqlPromise(url: string): Given {
  const pool = mysqlPromise.createPool({ uri: url, connectionLimit: 3 })
  const ask = async () => (await pool.query("select '1' as one"))[0]
  return { options: { pool }, ask, end: () => pool.end() }
}

const kinds: Readonly<Record<EngineName, readonly [string, (url: string) => Given][]>> = {
  sqlite: [],
  postgres: [
    ['a Pool of pg', givenPg],
    ['a Kysely', givenKysely],
  ],
  mariadb: [
    ['a pool of mysql2', givenMysql],
    ['a pool of mysql2/promise', givenMysqlPromise],
  ],
}

async function useIt(database: Database): Promise<unknown> {
  await new Migrator(database, contractMigrations).up()
  await database.transaction(async (trx) => {
    const digest = Uint8Array.from([0, 255])
    await insertIfAbsent(trx, 'hf_test_things', { ...thing('a', '😀'), digest })
    const row = { policy: 'p', subject: 's', window: 0 }
    await bumpCounter(trx, 'hf_test_counters', row, {
      column: 'points',
      keys: ['policy', 'subject'],
    })
  })
  const undone = database.transaction(async (trx) => {
    await trx.deleteFrom('hf_test_things').execute()
    throw new Error('undone')
  })
  await expect(undone).rejects.toThrow('undone')
  const found = await database.reader
    .selectFrom('hf_test_things')
    .select(({ fn }) => ['name', 'made_at', 'digest', fn.countAll().over().as('rows_there')])
    .executeTakeFirstOrThrow()
  return { ...found }
}

describeEngines('a pool of the app', (engine) => {
  let fresh: FreshDatabase

  beforeEach(async () => {
    fresh = await freshDatabase(engine)
  })

  afterEach(async () => {
    await fresh?.drop()
  })

  const onMysql = engine === 'mariadb' ? [engine] : []

  it.each(kinds[engine])('is used as it is, and left open: %s', async (_, give) => {
    const { options, ask, end } = give(fresh.url)
    const database = await openDatabase({ ...options, ...ports })
    expect(await useIt(database)).toEqual({
      name: '😀',
      made_at: 1,
      digest: Uint8Array.from([0, 255]),
      rows_there: 1,
    })
    await database.close()
    expect(await ask()).toEqual([{ one: '1' }])
    await end()
  })

  it.each(engine === 'sqlite' ? [engine] : [])('over a file is not needed: %s', async () => {
    const dialect = new SqliteDialect({ database: async () => Promise.reject(new Error('unused')) })
    const opening = openDatabase({ kysely: new Kysely({ dialect }), ...ports })
    await expect(opening).rejects.toThrow(/the URL of the SQLite file/)
  })

  it.each(onMysql)('that lets a value become part of a statement is refused', async () => {
    const pool = mysql.createPool({ uri: fresh.url })
    pool.on('connection', (connection) =>
      connection.query(`set session sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'`),
    )
    await expect(openDatabase({ pool, ...ports })).rejects.toThrow(/NO_BACKSLASH_ESCAPES/)
    await pool.promise().end()
    const shared = mysql.createPool({ uri: fresh.url })
    const kysely = new Kysely({ dialect: new MysqlDialect({ pool: shared }) })
    await expect(openDatabase({ kysely, ...ports })).rejects.toThrow(/give the pool of mysql2/)
    await kysely.destroy()
  })

  it.each(onMysql)('that counts changed rows instead of matched ones is refused', async () => {
    const pool = mysql.createPool({ uri: fresh.url, flags: ['-FOUND_ROWS'] })
    await expect(openDatabase({ pool, ...ports })).rejects.toThrow(/FOUND_ROWS/)
    await pool.promise().end()
  })

  it.each(onMysql)('that cuts what does not fit is refused', async () => {
    const pool = mysql.createPool({ uri: fresh.url })
    pool.on('connection', (connection) => connection.query(`set session sql_mode = ''`))
    await expect(openDatabase({ pool, ...ports })).rejects.toThrow(/STRICT_TRANS_TABLES/)
    await pool.promise().end()
  })
})

describe('a database that cannot be opened', () => {
  const open = (options: object) => openDatabase({ ...options, ...ports })

  it.each([
    ['nothing', {}, /exactly one of: url, pool, kysely/],
    ['two of them', { url: 'sqlite::memory:', pool: {} }, /exactly one of/],
    ['an unknown kind', { url: 'oracle://u:geheim@host/db' }, /"oracle:"; known are sqlite:/],
    ['no kind at all', { url: './geheim.db' }, /Unknown kind of database URL ":"/],
    ['a pool of something else', { pool: {} }, /Unknown database/],
    ['a Kysely that is none', { kysely: {} }, /instance of Kysely/],
    [
      'a schema where there are none',
      { url: 'sqlite::memory:', schema: 'auth' },
      /Only PostgreSQL/,
    ],
    ['a prefix that is no name', { url: 'sqlite::memory:', tablePrefix: 'a-b' }, /table prefix/],
    ['a pool of nothing', { url: 'sqlite::memory:', poolSize: 0 }, /poolSize/],
    ['a file with options', { url: 'sqlite:./geheim.db?mode=ro' }, /takes no options/],
    ['a file without a name', { url: 'sqlite:' }, /names a file/],
  ])('says so: %s', async (_, options, message) => {
    const error = await open(options).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(error?.message).toMatch(message)
    expect(error?.message).not.toContain('geheim')
  })

  it.each(['postgres://u:geheim@127.0.0.1:1/db', 'mysql://u:geheim@127.0.0.1:1/db'])(
    'because nobody answers is 503: %s',
    async (url) => {
      await expect(open({ url })).rejects.toMatchObject({ code: 'database_unavailable' })
    },
  )
})
