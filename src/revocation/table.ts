import { column, createTable, defineTable, migration } from '../database/index.ts'

/** The one row every node polls: it grows with each revocation, in commit order. */
export interface VersionRow {
  topic: string
  version: number
}

/** What lost its validity with which version. */
export interface RevocationRow {
  version: number
  kind: string
  subject: string
  at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_versions: VersionRow
    hf_revocations: RevocationRow
  }
}

const versionsTable = defineTable('hf_versions', {
  columns: { topic: column.text(64), version: column.integer() },
  primaryKey: ['topic'],
})

const revocationsTable = defineTable('hf_revocations', {
  columns: {
    version: column.integer(),
    kind: column.text(16),
    subject: column.text(64),
    at: column.time(),
  },
  primaryKey: ['version'],
  indexes: { hf_revocations_at: ['at'] },
})

export const revocationMigrations = [
  migration('revocation/0001_create', [createTable(versionsTable), createTable(revocationsTable)]),
]
