import { c, createTable, defineTable, migration } from '../database/index.ts'

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
  columns: { topic: c.text(64), version: c.integer() },
  primaryKey: ['topic'],
})

const revocationsTable = defineTable('hf_revocations', {
  columns: {
    version: c.integer(),
    kind: c.text(16),
    subject: c.text(64),
    at: c.time(),
  },
  primaryKey: ['version'],
  indexes: { at: ['at'] },
})

export const revocationMigrations = [
  migration('revocation/0001_create', [createTable(versionsTable), createTable(revocationsTable)]),
]
