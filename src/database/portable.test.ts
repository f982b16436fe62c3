import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import {
  affected,
  bumpCounter,
  type Database,
  dialectOf,
  findUniqueViolation,
  insertIfAbsent,
  isUniqueViolation,
  type Trx,
  upsert,
} from './index.ts'
import { openContract, thing } from './testdata/contract.ts'

const crowd = Array.from({ length: 100 }, (_, i) => i)
const counter = { policy: 'login', subject: 'a', window: 0 }

describeEngines('the portable helpers', (engine) => {
  let fresh: FreshDatabase
  let database: Database

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openContract(fresh.url, { waitMs: 20_000 })
  })

  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })

  beforeEach(async () => {
    await database.transaction(async (trx) => {
      await trx.deleteFrom('hf_test_things').execute()
      await trx.deleteFrom('hf_test_counters').execute()
    })
  })

  const inserting = (row: ReturnType<typeof thing>) =>
    database.transaction((trx) => trx.insertInto('hf_test_things').values(row).execute())
  const caught = async (work: Promise<unknown>) =>
    await work.then(
      () => undefined,
      (e) => e,
    )

  it('know the engine of a handle', async () => {
    expect(dialectOf(database.reader)).toBe(database.dialect)
    expect(await database.transaction(async (trx) => dialectOf(trx))).toBe(database.dialect)
  })

  it('of a hundred who insert the same row at once, one inserts it', async () => {
    const answers = await Promise.all(
      crowd.map((i) =>
        database.transaction((trx) =>
          insertIfAbsent(trx, 'hf_test_things', thing(`id${i}`, 'one')),
        ),
      ),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  it('go on in the same transaction after a row was there already', async () => {
    await inserting(thing('a'))
    const answers = await database.transaction(async (trx) => [
      await insertIfAbsent(trx, 'hf_test_things', thing('a', 'other')),
      await insertIfAbsent(trx, 'hf_test_things', thing('b', 'a')),
      await insertIfAbsent(trx, 'hf_test_things', thing('c')),
    ])
    expect(answers).toEqual([false, false, true])
  })

  it('do not take another fault for a row that is there', async () => {
    const orphan = { ...thing('a'), owner: 'nobody' }
    const work = database.transaction((trx) => insertIfAbsent(trx, 'hf_test_things', orphan))
    await expect(work).rejects.toMatchObject({ code: 'database_reference' })
  })

  it('upsert writes the named columns of a row that is there, and no others', async () => {
    const write = (row: ReturnType<typeof thing> & { count: number; flag: number }) =>
      database.transaction((trx) =>
        upsert(trx, 'hf_test_things', row, { keys: ['id'], update: ['count'] }),
      )
    await write({ ...thing('a'), count: 1, flag: 1 })
    await write({ ...thing('a', 'renamed'), count: 2, flag: 0 })
    const rows = await database.reader
      .selectFrom('hf_test_things')
      .select(['id', 'name', 'count', 'flag'])
      .execute()
    expect(rows.map((row) => ({ ...row }))).toEqual([{ id: 'a', name: 'a', count: 2, flag: 1 }])
  })

  it('a hundred who bump a counter at once see a hundred values', async () => {
    const values = await Promise.all(
      crowd.map(() =>
        database.transaction((trx) =>
          bumpCounter(trx, 'hf_test_counters', counter, {
            column: 'points',
            keys: ['policy', 'subject'],
          }),
        ),
      ),
    )
    expect(values.toSorted((a, b) => a - b)).toEqual(crowd.map((i) => i + 1))
  })

  it('a counter adds numbers and never joins text', async () => {
    const bump = (by: number) =>
      database.transaction((trx) =>
        bumpCounter(trx, 'hf_test_counters', counter, {
          column: 'points',
          keys: ['policy', 'subject'],
          by,
        }),
      )
    expect(await bump(10)).toBe(10)
    expect(await bump(1)).toBe(11)
    await expect(bump('1' as unknown as number)).rejects.toMatchObject({ code: 'value_unstorable' })
  })

  it('count the rows that a statement matched, also those that stayed the same', async () => {
    await inserting(thing('a'))
    const update = (trx: Trx, id: string) =>
      trx.updateTable('hf_test_things').set({ name: 'a' }).where('id', '=', id)
    const counts = await database.transaction(async (trx) => [
      affected(await update(trx, 'a').execute()),
      affected(await update(trx, 'a').executeTakeFirstOrThrow()),
      affected(await update(trx, 'b').execute()),
      affected(
        await trx
          .insertInto('hf_test_things')
          .values([thing('b'), thing('c')])
          .execute(),
      ),
      affected(await trx.deleteFrom('hf_test_things').execute()),
      affected(await trx.deleteFrom('hf_test_things').execute()),
    ])
    expect(counts).toEqual([1, 1, 0, 2, 3, 0])
  })

  it('name the unique rule that was broken', async () => {
    await inserting(thing('a'))
    const error = await caught(inserting(thing('b', 'a')))
    expect(isUniqueViolation(error)).toBe(true)
    const { index, columns } = findUniqueViolation(error) ?? {}
    const named = index === undefined || index === 'hf_test_things_name'
    const listed = columns === undefined || columns.join() === 'name'
    expect([named, listed, index ?? columns]).toEqual([true, true, expect.anything()])
    expect(isUniqueViolation(new Error('unique'))).toBe(false)
  })

  it('keep what was typed out of the errors that reach a log', async () => {
    await inserting(thing('a', 'ann@example.org'))
    const error = await caught(inserting(thing('b', 'ann@example.org')))
    expect(error).toBeInstanceOf(Error)
    const { message, cause } = error as Error
    expect(`${message} ${(cause as Error).message}`).not.toContain('ann@')
  })
})
