import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Database, Trx } from './index.ts'
import { openContract, openTest, thing } from './testdata/contract.ts'

const counting = fileURLToPath(new URL('./testdata/count.ts', import.meta.url))

describeEngines('a database under stress', (engine) => {
  let fresh: FreshDatabase
  let database: Database
  let other: Database

  beforeEach(async () => {
    fresh = await freshDatabase(engine)
    database = await openContract(fresh.url, { poolSize: 2, waitMs: 1_000 })
    other = await openTest(fresh.url, { poolSize: 2 })
  })

  afterEach(async () => {
    await database?.close()
    await other?.close()
    await fresh?.drop()
  })

  const insert = (trx: Trx, id: string) =>
    trx.insertInto('hf_test_things').values(thing(id)).execute()
  const count = async () =>
    (await other.reader.selectFrom('hf_test_things').select('id').execute()).length

  /** Ends every connection of `database`, from another one. */
  const killConnections = () =>
    other.session(async (session) => {
      if (engine === 'postgres') {
        await session.execute(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`)
        return
      }
      const rows = await session.execute(
        'select id from information_schema.processlist where db = database() and id <> connection_id()',
      )
      for (const row of rows) await session.execute(`kill connection ${row.id}`)
    })

  const onServer = engine === 'sqlite' ? [] : [engine]

  it.each(onServer)(
    'whose connections are killed answers 503, keeps the process and goes on',
    async () => {
      await database.transaction((trx) => insert(trx, 'before'))
      await killConnections()
      await database.transaction((trx) => insert(trx, 'idle')).catch(() => {})
      const inside = database.transaction(async (trx) => {
        await insert(trx, 'inside')
        await killConnections()
        await insert(trx, 'after the kill')
      })
      await expect(inside).rejects.toMatchObject({ code: 'database_unavailable', status: 503 })
      await database.transaction((trx) => insert(trx, 'again'))
      const rows = await other.reader.selectFrom('hf_test_things').select('id').execute()
      expect(rows.map((row) => row.id)).toEqual(expect.arrayContaining(['before', 'again']))
      expect(rows.map((row) => row.id)).not.toContain('inside')
    },
  )

  it.each(onServer)('whose connection is killed during a statement answers 503', async () => {
    const slow = engine === 'postgres' ? sql`select pg_sleep(20)` : sql`select sleep(20)`
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const waiting = database.transaction(async (trx) => {
      await insert(trx, 'slow')
      resolve()
      await slow.execute(trx)
    })
    const refused = expect(waiting).rejects.toMatchObject({ status: 503 })
    await begun
    await killConnections()
    await refused
    expect(await count()).toBe(0)
  })

  it('whose connections are all taken answers 503 instead of waiting for ever', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const holding = Array.from({ length: 2 }, (_, i) =>
      database.transaction(async (trx) => {
        await insert(trx, `held${i}`)
        await end
      }),
    )
    const outcomes = Promise.allSettled(holding)
    const third = database.transaction((trx) => insert(trx, 'third'))
    await expect(third).rejects.toMatchObject({
      code: 'database_unavailable',
      extras: { retryAfter: 1 },
    })
    resolve()
    await outcomes
    await database.transaction((trx) => insert(trx, 'fourth'))
  })

  it('that is closed answers 503', async () => {
    await database.close()
    await database.close()
    const closed = { code: 'database_unavailable', status: 503 }
    await expect(database.transaction((trx) => insert(trx, 'late'))).rejects.toMatchObject(closed)
    await expect(database.ping(1_000)).rejects.toMatchObject(closed)
    const select = database.reader.selectFrom('hf_test_things').selectAll()
    await expect(select.execute()).rejects.toMatchObject(closed)
  })

  it('that is being closed saves what has begun', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const saving = database.transaction(async (trx) => {
      await insert(trx, 'a')
      resolve()
      await count()
      await insert(trx, 'b')
    })
    await begun
    await Promise.all([saving, database.close()])
    expect(await count()).toBe(2)
  })

  it('shared by three processes loses no write', async () => {
    const runs = Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, [counting, fresh.url, '40'])
      const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
      expect(error).toBe('')
      return Number(out)
    })
    const written = (await Promise.all(runs)).reduce((sum, n) => sum + n, 0)
    const row = await database.reader
      .selectFrom('hf_test_counters')
      .select('points')
      .executeTakeFirstOrThrow()
    expect([written, row.points]).toEqual([120, 120])
  })
})
