import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { bumpCounter, type Database, insertIfAbsent, upsert } from './index.ts'
import { renameInText } from './rename-plugin.ts'
import { openContract, openTest, thing } from './testdata/contract.ts'

const counter = { policy: 'p', subject: 's', window: 0 }

async function useEverything(database: Database): Promise<unknown> {
  await database.transaction(async (trx) => {
    await insertIfAbsent(trx, 'hf_test_things', thing('a'))
    await upsert(trx, 'hf_test_things', thing('a', 'hf_b'), { keys: ['id'], update: ['name'] })
    const options = { column: 'points', keys: ['policy', 'subject'] } as const
    await bumpCounter(trx, 'hf_test_counters', counter, options)
    await bumpCounter(trx, 'hf_test_counters', counter, options)
    await trx
      .insertInto('hf_test_things')
      .values({ ...thing('child'), owner: 'a' })
      .execute()
  })
  return await database.reader
    .with('parents', (db) => db.selectFrom('hf_test_things').selectAll().where('owner', 'is', null))
    .selectFrom('hf_test_things as child')
    .innerJoin('parents', 'parents.id', 'child.owner')
    .innerJoin('hf_test_counters', (join) => join.onTrue())
    .select(['child.id', 'parents.name', 'hf_test_counters.points'])
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('hf_test_things')
          .select('hf_test_things.id')
          .whereRef('hf_test_things.id', '=', 'child.owner'),
      ),
    )
    .execute()
}

describeEngines('tables under another prefix', (engine) => {
  let fresh: FreshDatabase
  let plain: Database
  let prefixed: Database

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    plain = await openContract(fresh.url)
    prefixed = await openContract(fresh.url, { tablePrefix: 'shop_' })
  })

  afterAll(async () => {
    await plain?.close()
    await prefixed?.close()
    await fresh?.drop()
  })

  it('work like the plain ones, beside them in one database', async () => {
    const expected = [{ id: 'child', name: 'hf_b', points: 2 }]
    expect(await useEverything(prefixed)).toEqual(expected)
    expect(await useEverything(plain)).toEqual(expected)
    const rows = await prefixed.session((session) =>
      session.execute('select count(*) as rows_there from shop_test_things'),
    )
    expect(rows[0]?.rows_there).toBe(2)
  })
})

describeEngines('a schema of its own', (engine) => {
  it('holds every table, or is refused where schemas are unknown', async () => {
    const fresh = await freshDatabase(engine)
    const plain = await openTest(fresh.url)
    const open = () => openContract(fresh.url, { schema: 'auth', tablePrefix: 'x_' })
    try {
      if (engine !== 'postgres') return await expect(open()).rejects.toThrow(/Only PostgreSQL/)
      await expect(open()).rejects.toThrow(/create schema "auth"/)
      await plain.session((session) => session.execute('create schema auth'))
      const database = await open()
      expect(await useEverything(database)).toEqual([{ id: 'child', name: 'hf_b', points: 2 }])
      await database.close()
      const tables = await plain.session((session) =>
        session.execute(
          `select tablename from pg_tables where schemaname = 'auth' order by tablename`,
        ),
      )
      const names = tables.map((row) => row.tablename)
      expect(names).toEqual(['x_migrations', 'x_test_counters', 'x_test_things'])
    } finally {
      await plain.close()
      await fresh.drop()
    }
  })
})

describe('a prefix in text', () => {
  it.each([
    ['select * from hf_users', 'select * from z_users'],
    ['"hf_users" `hf_users_email`', '"z_users" `z_users_email`'],
    ['shf_users _hf_users hf_', 'shf_users _hf_users hf_'],
  ])('%s becomes %s', (before, after) => {
    expect(renameInText(before, { prefix: 'z_' })).toBe(after)
  })
})
