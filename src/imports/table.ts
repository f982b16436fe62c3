import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One line that was imported. It names nobody: the hash is keyed. */
export interface ImportedLineRow {
  line_hash: string
  imported_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_imported_lines: ImportedLineRow
  }
}

const importedLinesTable = defineTable('hf_imported_lines', {
  columns: { line_hash: c.text(64), imported_at: c.time() },
  primaryKey: ['line_hash'],
})

export const importMigrations = [
  migration('imports/0001_create', [createTable(importedLinesTable)]),
]
