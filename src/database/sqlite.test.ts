import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../test/services/fresh-database.ts'
import type { Database } from './index.ts'
import { sqlitePath } from './sqlite-file.ts'
import { openContract, openTest, thing } from './testdata/contract.ts'

let fresh: FreshDatabase
let database: Database

beforeEach(async () => {
  fresh = await freshDatabase('sqlite')
  database = await openContract(fresh.url, { waitMs: 400 })
})

afterEach(async () => {
  await database.close()
  await fresh.drop()
})

const write = (id: string) =>
  database.transaction((trx) => trx.insertInto('hf_test_things').values(thing(id)).execute())
const file = () => sqlitePath(fresh.url)

it('an embedded database is readable by its owner alone, and so are the files beside it', async () => {
  await write('a')
  for (const path of [file(), `${file()}-wal`, `${file()}-shm`]) {
    expect(statSync(path).mode & 0o777).toBe(0o600)
  }
})

it('the folder of a new embedded database is made, for its owner alone', async () => {
  const path = join(dirname(file()), 'deep', 'down', 'app.db')
  const other = await openTest(`sqlite:${path}`)
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  await other.close()
})

it('commits are durable, written ahead and checked: WAL, FULL, foreign keys', async () => {
  const pragmas = await database.session(async (session) => {
    const ask = async (name: string) =>
      Object.values((await session.execute(`pragma ${name}`))[0] ?? {})
    return [await ask('journal_mode'), await ask('synchronous'), await ask('foreign_keys')]
  })
  expect(pragmas).toEqual([['wal'], [2], [1]])
})

it('the event loop turns while another process holds the lock, and the wait ends in 503', async () => {
  const holder = new DatabaseSync(file())
  holder.exec('begin immediate')
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 1)
  await expect(write('a')).rejects.toMatchObject({ code: 'database_unavailable', status: 503 })
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(10)
  holder.exec('rollback')
  holder.close()
  await write('b')
})

it('a writer waits until another process has let go', async () => {
  const holder = new DatabaseSync(file())
  holder.exec('begin immediate')
  const waiting = write('a')
  setImmediate(() => {
    holder.exec('commit')
    holder.close()
  })
  await waiting
})

it('readers do not wait for a transaction in progress', async () => {
  const seen = Promise.withResolvers<number>()
  await Promise.all([
    database.transaction(async (trx) => {
      await trx.insertInto('hf_test_things').values(thing('a')).execute()
      await seen.promise
    }),
    database.reader
      .selectFrom('hf_test_things')
      .select('id')
      .execute()
      .then((rows) => seen.resolve(rows.length)),
  ])
  expect(await seen.promise).toBe(0)
})

it('timers have their turn beside a crowd of queries', async () => {
  let turns = 0
  const ticking = setInterval(() => {
    turns += 1
  }, 1)
  const query = database.reader.selectFrom('hf_test_things').selectAll()
  const loop = async () => {
    for (let i = 0; i < 500; i += 1) await query.execute()
  }
  await Promise.all(Array.from({ length: 20 }, loop))
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(5)
})

it('a transaction that its holder left open does not reach the next', async () => {
  const left = database.session(async (session) => {
    await session.execute('begin immediate')
    throw new Error('left')
  })
  await expect(left).rejects.toThrow('left')
  await write('a')
})

it('a database in memory is shared by its two connections and gone when closed', async () => {
  const memory = await openContract('sqlite::memory:')
  const [row] = await memory.session((session) => session.execute('pragma database_list'))
  const path = String(row?.file)
  await memory.transaction((trx) => trx.insertInto('hf_test_things').values(thing('a')).execute())
  expect(await memory.reader.selectFrom('hf_test_things').select('id').execute()).toHaveLength(1)
  expect(existsSync(path)).toBe(true)
  await memory.close()
  expect(existsSync(dirname(path))).toBe(false)
})

it('more statements than are kept prepared still give their own answers', async () => {
  const answers = await database.session(async (session) => {
    // holdfast-ignore-sql: the test writes the statement itself
    const ask = async (n: number) => (await session.execute(`select ${n} as n`))[0]?.n
    const first = []
    for (let n = 0; n < 600; n += 1) first.push(await ask(n))
    return [...first, await ask(0)]
  })
  expect(answers).toEqual([...Array.from({ length: 600 }, (_, n) => n), 0])
})

it.each([
  ['sqlite:./a b.db', join(process.cwd(), 'a b.db')],
  ['sqlite:/srv/a.db', '/srv/a.db'],
  ['sqlite:///srv/a.db', '/srv/a.db'],
  ['file:///srv/a%20b.db', '/srv/a b.db'],
  ['file:a.db', join(process.cwd(), 'a.db')],
])('%s names a file', (url, path) => {
  expect(sqlitePath(url)).toBe(path)
})
