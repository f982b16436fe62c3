import { column, createTable, defineTable, migration } from '../database/index.ts'

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
    user_id: column.id(),
    role: column.text(64),
    granted_at: column.time(),
    granted_by: column.id().nullable(),
    reason: column.text(500).nullable(),
    expires_at: column.time().nullable(),
  },
  primaryKey: ['user_id', 'role'],
  indexes: { hf_grants_role: ['role'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

export const accessMigrations = [migration('access/0001_create', [createTable(grantsTable)])]
