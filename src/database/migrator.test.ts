import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  describeEngines,
  type FreshDatabase,
  freshDatabase,
} from '../../test/services/fresh-database.ts'
import {
  addColumn,
  c,
  createIndex,
  createTable,
  type Database,
  defineTable,
  Migrator,
  migration,
  sqlStep,
} from './index.ts'
import { contractMigrations, openTest, thing, things } from './testdata/contract.ts'
import { threeMigrations } from './testdata/migrate.ts'

const program = fileURLToPath(new URL('./testdata/migrate.ts', import.meta.url))
const everything = threeMigrations.map(({ name }) => name)

const grown = defineTable('hf_test_things', {
  columns: { ...things.columns, colour: c.text(16).default('blue'), left_at: c.time().nullable() },
  primaryKey: ['id'],
  unique: things.unique as { name: ['name'] },
  indexes: { made: ['made_at', 'id'], owner: ['owner'], colour: ['colour'] },
  foreignKeys: [
    { columns: ['owner'], table: 'hf_test_things', references: ['id'], onDelete: 'cascade' },
  ],
})
const later = { columns: ['colour', 'left_at'], indexes: ['colour'] }
const growing = [
  migration('test/0001_things', [createTable(grown, later)]),
  migration('test/0002_colour', [
    addColumn(grown, 'colour'),
    addColumn(grown, 'left_at'),
    createIndex(grown, 'colour'),
  ]),
]

describeEngines('a migration', (engine) => {
  let fresh: FreshDatabase
  let database: Database

  beforeEach(async () => {
    fresh = await freshDatabase(engine)
    database = await openTest(fresh.url)
  })

  afterEach(async () => {
    await database?.close()
    await fresh?.drop()
  })

  const migrator = (list = contractMigrations) => new Migrator(database, list)
  const insert = (id: string) =>
    database.transaction((trx) => trx.insertInto('hf_test_things').values(thing(id)).execute())

  it('runs once, in order, however often it is asked for', async () => {
    expect(await migrator().up()).toEqual(['test/0001_things', 'test/0002_counters'])
    expect(await migrator().up()).toEqual([])
    await insert('a')
    const states = (await migrator().status()).map(({ state }) => state)
    expect(states).toEqual(['done', 'done'])
  })

  it('is planned before it runs: statements, and rows of the tables that it locks', async () => {
    await migrator(growing.slice(0, 1)).up()
    await insert('a')
    const plan = await migrator(growing).plan()
    expect(plan.pending.map(({ name }) => name)).toEqual(['test/0002_colour'])
    expect(plan.pending[0]?.statements).toHaveLength(3)
    expect(plan.rows).toEqual({ hf_test_things: 1 })
    expect([plan.changed, plan.unknown, plan.unfinished]).toEqual([[], [], []])
  })

  it('is planned on an empty database without a change', async () => {
    const plan = await migrator().plan()
    expect(plan.pending).toHaveLength(2)
    expect(await migrator().plan()).toEqual(plan)
  })

  it('goes back, newest first, and forward again', async () => {
    await migrator(growing).up()
    await insert('a')
    expect(await migrator(growing).down(1)).toEqual(['test/0002_colour'])
    await insert('b')
    expect(await migrator(growing).up()).toEqual(['test/0002_colour'])
    await insert('c')
    expect(await migrator(growing).down(5)).toEqual(['test/0002_colour', 'test/0001_things'])
    await expect(insert('d')).rejects.toMatchObject({ code: 'database_refused' })
    expect(await migrator(growing).up()).toHaveLength(2)
  })

  it('gives rows that are there the default of a new column', async () => {
    await migrator(growing.slice(0, 1)).up()
    await insert('a')
    await migrator(growing).up()
    const rows = await database.session((session) =>
      session.execute('select colour, left_at from hf_test_things'),
    )
    expect(rows.map((row) => ({ ...row }))).toEqual([{ colour: 'blue', left_at: null }])
  })

  it('whose text changed after it ran is refused, and nothing is touched', async () => {
    await migrator().up()
    const changed = [
      ...contractMigrations.slice(0, 1),
      migration('test/0002_counters', [createTable(things)]),
      migration('test/0003_new', []),
    ]
    await expect(migrator(changed).up()).rejects.toMatchObject({
      code: 'migration_changed',
      cause: { message: expect.stringContaining('test/0002_counters') },
    })
    expect((await migrator(changed).plan()).changed).toEqual(['test/0002_counters'])
    expect((await migrator(changed).status()).map(({ state }) => state)).toContain('pending')
  })

  it('of a newer release is refused by an older one', async () => {
    await migrator().up()
    const older = contractMigrations.slice(0, 1)
    await expect(migrator(older).up()).rejects.toMatchObject({
      code: 'migration_unknown',
      cause: { message: expect.stringContaining('test/0002_counters') },
    })
    await expect(migrator(older).down(1)).rejects.toMatchObject({ code: 'migration_unknown' })
  })

  it('that fails is not taken for done, and the next start tries again', async () => {
    const wrong = { sqlite: 'create tabel', postgres: 'create tabel', mysql: 'create tabel' }
    const broken = [
      ...contractMigrations.slice(0, 1),
      migration('test/0002_broken', [sqlStep({ ...wrong, down: wrong, repeatable: true })]),
    ]
    await expect(migrator(broken).up()).rejects.toMatchObject({ code: 'database_refused' })
    expect((await migrator(broken).status()).map(({ state }) => state)).toEqual([
      'done',
      database.dialect === 'mysql' ? 'unfinished' : 'pending',
    ])
    await expect(migrator(broken).up()).rejects.toMatchObject({ code: 'database_refused' })
  })

  it('that stopped half-way and cannot be repeated waits for a person', async () => {
    const twice = { sqlite: 'select 1', postgres: 'select 1', mysql: 'create tabel' }
    const once = [
      migration('test/0001_once', [sqlStep({ ...twice, down: twice, repeatable: false })]),
    ]
    const first = await migrator(once)
      .up()
      .catch(() => 'failed')
    if (database.dialect !== 'mysql') return expect(first).toEqual(['test/0001_once'])
    await expect(migrator(once).up()).rejects.toMatchObject({
      code: 'migration_unfinished',
      cause: { message: expect.stringContaining('test/0001_once') },
    })
  })

  it('runs once when four processes start at once', async () => {
    const runs = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, [program, fresh.url])
        const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
        return { out, error }
      }),
    )
    const names = runs.flatMap(({ out }) => JSON.parse(out || '[]') as string[])
    expect(runs.map(({ error }) => error).join('')).toBe('')
    expect(names.toSorted()).toEqual(everything)
  })

  it('killed in the middle is made whole by the next start', async () => {
    for (const marker of ['create table', 'hf_test_counters', 'hf_test_more', 'finished_at = ']) {
      const child = spawn(process.execPath, [program, fresh.url, marker])
      await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'exit')
      const done = await migrator(threeMigrations).up()
      expect(done.every((name) => everything.includes(name))).toBe(true)
      const states = (await migrator(threeMigrations).status()).map(({ state }) => state)
      expect(states).toEqual(['done', 'done', 'done'])
      await insert(marker)
      await migrator(threeMigrations).down(3)
    }
  })
})

it('two migrations of one name are a fault of the program', () => {
  const twice = migration('test/0001_a', [])
  expect(() => new Migrator({} as Database, [twice, twice])).toThrow(/same name/)
})

it('a migration has a room, a number and words in its name', () => {
  for (const name of ['users', 'users/1_create', 'Users/0001_create', 'users/0001 create', '']) {
    expect(() => migration(name, [])).toThrow(/no name for a migration/)
  }
})

it('a column added to rows that are there is nullable or has a default', () => {
  expect(() => addColumn(things, 'made_at')).toThrow(/nullable or has a default/)
})
