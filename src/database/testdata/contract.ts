import { silentLogger, systemClock } from '../../ports/index.ts'

import {
  c,
  createTable,
  type Database,
  defineTable,
  Migrator,
  migration,
  type OpenDatabaseOptions,
  openDatabase,
  type TableRow,
} from '../index.ts'

/** One column of each kind. */
export const things = defineTable('hf_test_things', {
  columns: {
    id: c.id(),
    name: c.text(64),
    owner: c.id().nullable(),
    made_at: c.time(),
    count: c.integer().default(0),
    flag: c.boolean().default(0),
    body: c.json().nullable(),
    note: c.longText().nullable(),
    digest: c.bytes(32).nullable(),
    blob: c.bytes().nullable(),
  },
  primaryKey: ['id'],
  unique: { name: ['name'] },
  indexes: { made: ['made_at', 'id'], owner: ['owner'] },
  foreignKeys: [
    { columns: ['owner'], table: 'hf_test_things', references: ['id'], onDelete: 'cascade' },
  ],
})

/** A counter by two keys. */
export const counters = defineTable('hf_test_counters', {
  columns: { policy: c.text(32), subject: c.text(64), points: c.integer(), window: c.time() },
  primaryKey: ['policy', 'subject'],
})

declare module '../types.ts' {
  interface Tables {
    hf_test_things: TableRow<typeof things>
    hf_test_counters: TableRow<typeof counters>
  }
}

export const contractMigrations = [
  migration('test/0001_things', [createTable(things)]),
  migration('test/0002_counters', [createTable(counters)]),
]

/** Opens a database as an app does. */
export async function openTest(
  url: string,
  options: Partial<OpenDatabaseOptions> = {},
): Promise<Database> {
  return await openDatabase({ url, clock: systemClock, logger: silentLogger, ...options })
}

/** Opens a database that has the tables of the contract. */
export async function openContract(
  url: string,
  options: Partial<OpenDatabaseOptions> = {},
): Promise<Database> {
  const database = await openTest(url, options)
  await new Migrator(database, contractMigrations).up()
  return database
}

/** A row with nothing special about it. */
export function thing(id: string, name = id) {
  return { id, name, made_at: 1 }
}
