import { c, createTable, defineTable, migration } from '../database/index.ts'

/** A reset of somebody's second factors that waits for a second administrator. Instants in epoch milliseconds. */
export interface FactorResetRow {
  /** Whose factors; one reset waits at a time. */
  user_id: string
  /** The administrator who asked first. */
  requested_by: string
  reason: string
  /** Read no more; 0 in new rows. Databases made before hold it. */
  credentials_version: number
  created_at: number
  expires_at: number
}

declare module '../database/types.ts' {
  interface Tables {
    hf_factor_resets: FactorResetRow
  }
}

const factorResetsTable = defineTable('hf_factor_resets', {
  columns: {
    user_id: c.id(),
    requested_by: c.id(),
    reason: c.text(500),
    credentials_version: c.integer(),
    created_at: c.time(),
    expires_at: c.time(),
  },
  primaryKey: ['user_id'],
  indexes: { expiry: ['expires_at'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

/** Migrations of the room, in order; they come after those of users. */
export const adminMigrations = [
  migration('admin/0001_factor_resets', [createTable(factorResetsTable)]),
]
