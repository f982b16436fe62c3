import { c } from './columns.ts'
import { createTable, migration } from './migration.ts'
import { insertIfAbsent } from './portable.ts'
import { defineTable } from './table.ts'
import type { Database } from './types.ts'

/** A fact that every process on this database must agree on. */
export interface InstallationRow {
  name: string
  value: string
}

declare module './types.ts' {
  interface Tables {
    hf_installation: InstallationRow
  }
}

const installationTable = defineTable('hf_installation', {
  columns: { name: c.text(64), value: c.text(255) },
  primaryKey: ['name'],
})

export const installationMigrations = [
  migration('installation/0001_create', [createTable(installationTable)]),
]

/**
 * The value that this database has held under `name` since its first process wrote one; `value` where
 * there was none. Of many that start at once one writes, and all are told the same.
 */
export async function agreeOn(database: Database, name: string, value: string): Promise<string> {
  await database.transaction((trx) => insertIfAbsent(trx, 'hf_installation', { name, value }))
  const row = await database.reader
    .selectFrom('hf_installation')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirstOrThrow()
  return row.value
}
