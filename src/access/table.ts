import { c, createTable, defineTable, migration } from '../database/index.ts'
import { customRoleMigrations } from './custom-role-table.ts'

/** A role somebody holds. Instants in epoch milliseconds. */
export interface GrantRow {
  user_id: string
  role: string
  granted_at: number
  granted_by: string | null
  reason: string | null
  expires_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_grants: GrantRow
  }
}

const grantsTable = defineTable('hf_grants', {
  columns: {
    user_id: c.id(),
    role: c.text(64),
    granted_at: c.time(),
    granted_by: c.id().nullable(),
    reason: c.text(500).nullable(),
    expires_at: c.time().nullable(),
  },
  primaryKey: ['user_id', 'role'],
  indexes: { role: ['role'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

export const accessMigrations = [
  migration('access/0001_create', [createTable(grantsTable)]),
  ...customRoleMigrations,
]
