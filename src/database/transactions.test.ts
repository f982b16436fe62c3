import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import type { Logger } from '../ports/index.ts'
import { affected, type Database, type Trx } from './index.ts'
import { openContract, thing } from './testdata/contract.ts'

describeEngines('a transaction', (engine) => {
  let fresh: FreshDatabase
  let database: Database
  const logged: string[] = []
  const log = (message: string) => void logged.push(message)
  const logger: Logger = { debug: log, info: log, warn: log, error: log }

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openContract(fresh.url, { poolSize: 5, waitMs: 20_000, logger })
  })

  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })

  beforeEach(async () => {
    logged.length = 0
    await database.transaction((trx) => trx.deleteFrom('hf_test_things').execute())
  })

  const insert = (trx: Trx, id: string) =>
    trx.insertInto('hf_test_things').values(thing(id)).execute()
  const ids = async () => {
    const rows = await database.reader.selectFrom('hf_test_things').select('id').execute()
    return rows.map((row) => row.id).toSorted()
  }

  it('that throws leaves nothing behind, and its error is not replaced', async () => {
    const fault = new Error('mine')
    const work = database.transaction(async (trx) => {
      await insert(trx, 'a')
      throw fault
    })
    await expect(work).rejects.toBe(fault)
    expect(await ids()).toEqual([])
  })

  it('sees its own writes while others do not', async () => {
    const seen = await database.transaction(async (trx) => {
      await insert(trx, 'a')
      return (await trx.selectFrom('hf_test_things').selectAll().execute()).length
    })
    expect(seen).toBe(1)
    expect(await ids()).toEqual(['a'])
  })

  it('runs its tasks once after it was saved, and not when it was undone', async () => {
    const ran: string[] = []
    await database.transaction(async (trx) => {
      database.afterCommit(trx, () => ran.push('first'))
      database.afterCommit(trx, () => ran.push('second'))
      expect(ran).toEqual([])
    })
    await database
      .transaction(async (trx) => {
        database.afterCommit(trx, () => ran.push('never'))
        throw new Error('undone')
      })
      .catch(() => {})
    expect(ran).toEqual(['first', 'second'])
  })

  it('is saved even when a task after it fails, which is logged', async () => {
    const ran: string[] = []
    await database.transaction(async (trx) => {
      await insert(trx, 'a')
      database.afterCommit(trx, () => {
        throw new Error('task')
      })
      database.afterCommit(trx, () => ran.push('next'))
    })
    expect([await ids(), ran, logged.length]).toEqual([['a'], ['next'], 1])
  })

  it('takes no tasks once it is over', async () => {
    const over = await database.transaction(async (trx) => trx)
    expect(() => database.afterCommit(over, () => {})).toThrow(/open transaction/)
  })

  it('refuses the reader, a second transaction and a session inside', async () => {
    const inside = (work: () => Promise<unknown>) => database.transaction(() => work())
    const select = database.reader.selectFrom('hf_test_things').selectAll()
    await expect(inside(() => select.execute())).rejects.toThrow(/inside a transaction/)
    await expect(inside(() => inside(async () => 1))).rejects.toThrow(/inside a transaction/)
    await expect(inside(() => database.session(async () => 1))).rejects.toThrow(/inside/)
    expect(await ids()).toEqual([])
  })

  it('lets work that it started read once it is over', async () => {
    let later: Promise<string[]> = Promise.resolve([])
    const { promise: saved, resolve } = Promise.withResolvers<void>()
    await database.transaction(async (trx) => {
      await insert(trx, 'a')
      later = saved.then(ids)
    })
    resolve()
    expect(await later).toEqual(['a'])
  })

  it('is needed for writing: the reader refuses', async () => {
    const reader = database.reader
    const all = reader.deleteFrom('hf_test_things')
    await expect(all.execute()).rejects.toThrow(/does not write/)
    await expect(reader.updateTable('hf_test_things').set({ count: 1 }).execute()).rejects.toThrow()
    await expect(insert(reader as unknown as Trx, 'a')).rejects.toThrow(/does not write/)
    await expect(reader.transaction().execute(async () => 1)).rejects.toThrow(
      /database.transaction/,
    )
  })

  it('is run again from its start after a conflict, and gives up after five times', async () => {
    const { databaseErrors } = await import('./errors.ts')
    let runs = 0
    const result = await database.transaction(async (trx) => {
      runs += 1
      await insert(trx, `run${runs}`)
      if (runs < 3) throw databaseErrors.database_conflict()
      return runs
    })
    expect([result, await ids()]).toEqual([3, ['run3']])
    runs = 0
    const always = database.transaction(async () => {
      runs += 1
      throw databaseErrors.database_conflict()
    })
    await expect(always).rejects.toMatchObject({ code: 'database_conflict', status: 503 })
    expect(runs).toBe(6)
  })

  it('whose fault was swallowed is not saved by half', async () => {
    const work = database.transaction(async (trx) => {
      await insert(trx, 'a')
      await insert(trx, 'a').catch(() => {})
    })
    if (database.dialect === 'postgres') await expect(work).rejects.toThrow(/rolled back/)
    else await work
    expect(await ids()).toEqual(database.dialect === 'postgres' ? [] : ['a'])
  })

  it('two hundred at once on a pool of five are all answered', async () => {
    const signIn = (i: number) =>
      database.transaction(async (trx) => {
        await trx.selectFrom('hf_test_things').selectAll().where('name', '=', `${i}`).execute()
        await insert(trx, `session${i}`)
        await insert(trx, `event${i}`)
        const update = trx.updateTable('hf_test_things').set({ count: 1 })
        return affected(await update.where('id', '=', `session${i}`).execute())
      })
    const all = await Promise.all(Array.from({ length: 200 }, (_, i) => signIn(i)))
    expect(all).toEqual(all.map(() => 1))
    expect(await ids()).toHaveLength(400)
  })

  it('answers health checks and tells the time and name of the server', async () => {
    await database.ping(10_000)
    const status = await database.status()
    expect(status.server).toMatch(/^(SQLite|PostgreSQL|MariaDB|MySQL) \d+\.\d+/)
    const before = Date.now()
    const skew = (await database.serverNow()) - before
    expect(Math.abs(skew)).toBeLessThan(15_000)
  })

  const onServer = engine === 'sqlite' ? [] : [engine]

  it.each(onServer)('runs at READ COMMITTED: it sees what others saved meanwhile', async () => {
    const seen = await database.transaction(async (trx) => {
      const count = async () =>
        (await trx.selectFrom('hf_test_things').select(sql`1`.as('one')).execute()).length
      const before = await count()
      await other.transaction((theirs) => insert(theirs, 'theirs'))
      return [before, await count()]
    })
    expect(seen).toEqual([0, 1])
  })

  let other: Database
  beforeAll(async () => {
    other = await openContract(fresh.url)
  })
  afterAll(async () => {
    await other?.close()
  })
})
