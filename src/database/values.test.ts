import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import { type Database, json, type Trx } from './index.ts'
import { openContract, thing } from './testdata/contract.ts'

describeEngines('a value', (engine) => {
  let fresh: FreshDatabase
  let database: Database

  beforeAll(async () => {
    fresh = await freshDatabase(engine)
    database = await openContract(fresh.url)
  })

  afterAll(async () => {
    await database?.close()
    await fresh?.drop()
  })

  const empty = (trx: Trx) => trx.deleteFrom('hf_test_things').execute()
  const read = () => database.reader.selectFrom('hf_test_things').selectAll()

  it('of each kind comes back as it was written', async () => {
    const row = {
      id: '0192f7a0-0000-7000-8000-000000000001',
      name: "O'Brien \\ ' or 1=1 -- ; 😀 ß İ",
      owner: null,
      made_at: Number.MAX_SAFE_INTEGER,
      count: Number.MIN_SAFE_INTEGER,
      flag: 1,
      body: json.encode({ deep: [1, 'two', null, '\u0000', '\ud800'] }),
      note: 'x'.repeat(100_000),
      digest: Uint8Array.from({ length: 32 }, (_, i) => i * 8),
      blob: Uint8Array.from({ length: 256 }, (_, i) => i),
    }
    await database.transaction(async (trx) => {
      await empty(trx)
      await trx.insertInto('hf_test_things').values(row).execute()
    })
    const found = await read().executeTakeFirstOrThrow()
    expect({ ...found }).toStrictEqual(row)
    expect(Buffer.isBuffer(found.digest)).toBe(false)
    expect(json.decode(found.body ?? '')).toEqual({ deep: [1, 'two', null, '\0', '\ud800'] })
  })

  it('that is left out is NULL or the default of its column', async () => {
    await database.transaction(async (trx) => {
      await empty(trx)
      await trx.insertInto('hf_test_things').values(thing('a')).execute()
    })
    expect({ ...(await read().executeTakeFirstOrThrow()) }).toStrictEqual({
      ...thing('a'),
      owner: null,
      count: 0,
      flag: 0,
      body: null,
      note: null,
      digest: null,
      blob: null,
    })
  })

  it('of text equals itself alone: case, padding, accents and emoji differ', async () => {
    const names = ['abc', 'ABC', 'abc ', ' abc', 'äbc', 'a\u0308bc', 'ß', 'ss', '😀', '😁', '', ' ']
    await database.transaction(async (trx) => {
      await empty(trx)
      for (const [i, name] of names.entries()) {
        await trx
          .insertInto('hf_test_things')
          .values(thing(`id${i}`, name))
          .execute()
      }
    })
    for (const [i, name] of names.entries()) {
      const found = await read().where('name', '=', name).execute()
      expect(found.map((row) => row.id)).toEqual([`id${i}`])
    }
  })

  it('of text sorts by bytes', async () => {
    const names = ['a', 'B', 'Z', '_', 'é', 'ÿ', '\uffee', '😀', 'a b', 'ab']
    await database.transaction(async (trx) => {
      await empty(trx)
      for (const name of names) await trx.insertInto('hf_test_things').values(thing(name)).execute()
    })
    const found = await read().orderBy('name').execute()
    const byBytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(found.map((row) => row.name)).toEqual(byBytes)
  })

  it('that some engine would store changed is refused before it is sent', async () => {
    const wrong = [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      0.5,
      10n ** 20n,
      'a\0b',
      '\ud83d',
      new Date(0),
      { a: 1 },
      ['a'],
      Symbol('s'),
    ]
    for (const value of wrong) {
      const where = read().where('name', '=', value as string)
      const refused = { code: 'value_unstorable', status: 400 }
      await expect(where.execute()).rejects.toMatchObject(refused)
      const update = database.transaction((trx) =>
        trx
          .updateTable('hf_test_things')
          .set({ name: value as string, count: 1 })
          .where('id', '=', 'a')
          .execute(),
      )
      if (value !== undefined) await expect(update).rejects.toMatchObject(refused)
      else await expect(update).resolves.toHaveLength(1)
    }
  })

  it('that is a number is not compared with text as a number', async () => {
    await database.transaction(async (trx) => {
      await empty(trx)
      await trx
        .insertInto('hf_test_things')
        .values([
          { ...thing('a', 'ann'), made_at: Number.MAX_SAFE_INTEGER },
          { ...thing('b', '7'), made_at: 7 },
          { ...thing('c', '07'), made_at: 9 },
        ])
        .execute()
    })
    const number = (n: number) => n as unknown as string
    const named = async (n: number) =>
      (await read().where('name', '=', number(n)).execute()).map((row) => row.id)
    expect([await named(0), await named(7)]).toEqual([[], ['b']])
    expect(
      await read()
        .where('name', 'in', [number(0), number(7)])
        .execute(),
    ).toHaveLength(1)
    expect(await read().where('made_at', '=', Number.MAX_SAFE_INTEGER).execute()).toHaveLength(1)
    expect(await read().where('made_at', '<', Number.MAX_SAFE_INTEGER).execute()).toHaveLength(2)
    expect(await read().where('made_at', '<', 10).where('made_at', '>', 8).execute()).toHaveLength(
      1,
    )
    expect(
      await read().where('made_at', 'in', [7, 9]).orderBy('id').limit(1).execute(),
    ).toHaveLength(1)
  })

  it('may be one of a list behind IN', async () => {
    const found = await read()
      .where('name', 'in', ['a', 'b'])
      .where('id', 'not in', ['c'])
      .execute()
    expect(found.every((row) => ['a', 'b'].includes(row.name))).toBe(true)
  })

  it('that is longer than its column is refused, not cut', async () => {
    const long = { ...thing('long'), name: 'x'.repeat(65) }
    const insert = database.transaction((trx) =>
      trx.insertInto('hf_test_things').values(long).execute(),
    )
    await expect(insert).rejects.toMatchObject({ code: 'database_refused' })
  })

  it('that is neither 0 nor 1 is no boolean', async () => {
    const two = { ...thing('two'), flag: 2 }
    const insert = database.transaction((trx) =>
      trx.insertInto('hf_test_things').values(two).execute(),
    )
    await expect(insert).rejects.toMatchObject({ code: 'database_refused' })
  })

  it('of counts and sums is a number', async () => {
    await database.transaction(async (trx) => {
      await empty(trx)
      await trx
        .insertInto('hf_test_things')
        .values([
          { ...thing('a'), count: 10 },
          { ...thing('b'), count: 1 },
        ])
        .execute()
    })
    const found = await database.reader
      .selectFrom('hf_test_things')
      .select(({ fn }) => [
        fn.countAll().as('rows_there'),
        fn.sum('count').as('sum'),
        fn.max('count').as('max'),
      ])
      .executeTakeFirstOrThrow()
    expect({ ...found }).toStrictEqual({ rows_there: 2, sum: 11, max: 10 })
  })

  it('of any well-formed text survives a round trip', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 64 }).filter((s) => [...s].length <= 64)
    await fc.assert(
      fc.asyncProperty(
        text.filter((s) => !s.includes('\0')),
        async (name) => {
          await database.transaction(async (trx) => {
            await empty(trx)
            await trx.insertInto('hf_test_things').values(thing('any', name)).execute()
          })
          const found = await read().where('name', '=', name).execute()
          expect(found.map((row) => row.name)).toEqual([name])
        },
      ),
      { numRuns: 50 },
    )
  })
})
