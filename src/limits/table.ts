import { c, createTable, defineTable, migration } from '../database/index.ts'

/** One window of one key. Instants in epoch milliseconds. */
export interface LimitRow {
  /** Keyed hash of policy and key: no address and no identifier lies in the table. */
  id: string
  used: number
  ends_at: number
  /** 1 while the key serves a block that outlasts its window; refunds do not reopen it. */
  blocked: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_limits: LimitRow
  }
}

const limitsTable = defineTable('hf_limits', {
  columns: {
    id: c.text(64),
    used: c.integer(),
    ends_at: c.time(),
    blocked: c.boolean(),
  },
  primaryKey: ['id'],
  indexes: { ends: ['ends_at'] },
})

/** Migrations of the room, in order. */
export const limitMigrations = [migration('limits/0001_create', [createTable(limitsTable)])]
