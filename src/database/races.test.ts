import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { affected, type Database, insertIfAbsent, type Trx } from './index.ts'
import { openContract, thing } from './testdata/contract.ts'

const crowd = Array.from({ length: 100 }, (_, i) => i)
const rounds = [1, 2, 3]

/** Every store decides in one conditional statement; these races show that the engines honour it. */
describeEngines('of a hundred callers at once', (engine) => {
  let fresh: FreshDatabase
  let nodes: readonly Database[]

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    const options = { poolSize: 10, waitMs: 20_000 }
    nodes = [await openContract(fresh.url, options), await openContract(fresh.url, options)]
  })

  afterAll(async () => {
    for (const node of nodes ?? []) await node.close()
    await fresh?.drop()
  })

  /** Two databases on one server or file stand for two nodes. */
  const node = (i: number) => nodes[i % 2] as Database
  const atOnce = <T>(work: (trx: Trx, i: number) => Promise<T>) =>
    Promise.all(crowd.map((i) => node(i).transaction((trx) => work(trx, i))))
  const set = (id: string, count: number) =>
    node(0).transaction((trx) =>
      trx
        .insertInto('hf_test_things')
        .values({ ...thing(id), count })
        .execute(),
    )
  const countOf = async (id: string) =>
    await node(1)
      .reader.selectFrom('hf_test_things')
      .select('count')
      .where('id', '=', id)
      .executeTakeFirst()

  beforeEach(async () => {
    await node(0).transaction((trx) => trx.deleteFrom('hf_test_things').execute())
  })

  it.each(rounds)('one uses a token that works once (update), round %i', async () => {
    await set('token', 0)
    const uses = await atOnce(async (trx) => {
      const update = trx.updateTable('hf_test_things').set({ count: 1 })
      return affected(await update.where('id', '=', 'token').where('count', '=', 0).execute())
    })
    expect(uses.filter((n) => n === 1)).toHaveLength(1)
  })

  it.each(rounds)('one uses a token that works once (delete), round %i', async () => {
    await set('token', 0)
    const uses = await atOnce(async (trx) =>
      affected(await trx.deleteFrom('hf_test_things').where('id', '=', 'token').execute()),
    )
    expect(uses.filter((n) => n === 1)).toHaveLength(1)
  })

  it('one still uses it when all looked first', async () => {
    await set('token', 0)
    const uses = await atOnce(async (trx) => {
      await trx.selectFrom('hf_test_things').select('count').where('id', '=', 'token').execute()
      const update = trx.updateTable('hf_test_things').set({ count: 1 })
      return affected(await update.where('id', '=', 'token').where('count', '=', 0).execute())
    })
    expect(uses.filter((n) => n === 1)).toHaveLength(1)
  })

  it('one registers a name on two nodes', async () => {
    const wins = await atOnce((trx, i) =>
      insertIfAbsent(trx, 'hf_test_things', thing(`id${i}`, 'ann')),
    )
    expect(wins.filter(Boolean)).toHaveLength(1)
  })

  it.each(rounds)('five pass a limit of five that nobody had met before, round %i', async () => {
    const passed = await atOnce(async (trx) => {
      await insertIfAbsent(trx, 'hf_test_things', thing('limit'))
      const update = trx
        .updateTable('hf_test_things')
        .set(({ eb }) => ({ count: eb('count', '+', 1) }))
      return affected(await update.where('id', '=', 'limit').where('count', '<', 5).execute())
    })
    expect(passed.filter((n) => n === 1)).toHaveLength(5)
    expect((await countOf('limit'))?.count).toBe(5)
  })

  it('all who insert rows of their own are saved, where each looked for an absent one', async () => {
    const saved = await atOnce(async (trx, i) => {
      await trx.selectFrom('hf_test_things').selectAll().where('id', '=', `own${i}`).execute()
      return await insertIfAbsent(trx, 'hf_test_things', thing(`own${i}`))
    })
    expect(saved.every(Boolean)).toBe(true)
  })

  it('all who change two rows in one order are saved', async () => {
    await set('first', 0)
    await set('second', 0)
    await atOnce(async (trx) => {
      for (const id of ['first', 'second']) {
        const update = trx.updateTable('hf_test_things')
        await update
          .set(({ eb }) => ({ count: eb('count', '+', 1) }))
          .where('id', '=', id)
          .execute()
      }
    })
    expect([(await countOf('first'))?.count, (await countOf('second'))?.count]).toEqual([100, 100])
  })

  it('a few who change two rows in opposite orders are saved by being run again', async () => {
    await set('first', 0)
    await set('second', 0)
    const pairs = Array.from({ length: 4 }, (_, i) => i)
    await Promise.all(
      pairs.map((i) =>
        node(i).transaction(async (trx) => {
          const order = i % 2 === 0 ? ['first', 'second'] : ['second', 'first']
          for (const id of order) {
            await trx
              .updateTable('hf_test_things')
              .set(({ eb }) => ({ count: eb('count', '+', 1) }))
              .where('id', '=', id)
              .execute()
          }
        }),
      ),
    )
    expect([(await countOf('first'))?.count, (await countOf('second'))?.count]).toEqual([4, 4])
  })
})
