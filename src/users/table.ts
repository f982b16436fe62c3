import { column, createTable, defineTable, migration } from '../database/index.ts'

export type AccountStatus = 'pending' | 'active' | 'locked' | 'disabled'

/** One account. Instants in epoch milliseconds; `metadata` is JSON text. */
export interface UserRow {
  id: string
  realm: string
  email: string
  email_canonical: string
  username: string | null
  username_canonical: string | null
  display_name: string | null
  company_name: string | null
  status: AccountStatus
  status_reason: string | null
  locked_until: number | null
  metadata: string
  created_at: number
  created_by: string | null
  verified_at: number | null
  last_sign_in_at: number | null
  last_sign_in_ip: string | null
  last_failure_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_users: UserRow
  }
}

const usersTable = defineTable('hf_users', {
  columns: {
    id: column.id(),
    realm: column.text(64),
    email: column.text(254),
    email_canonical: column.text(254),
    username: column.text(30).nullable(),
    username_canonical: column.text(30).nullable(),
    display_name: column.text(100).nullable(),
    company_name: column.text(200).nullable(),
    status: column.text(16),
    status_reason: column.text(500).nullable(),
    locked_until: column.time().nullable(),
    metadata: column.json(),
    created_at: column.time(),
    created_by: column.text(64).nullable(),
    verified_at: column.time().nullable(),
    last_sign_in_at: column.time().nullable(),
    last_sign_in_ip: column.text(64).nullable(),
    last_failure_at: column.time().nullable(),
  },
  primaryKey: ['id'],
  unique: {
    hf_users_email: ['realm', 'email_canonical'],
    hf_users_username: ['realm', 'username_canonical'],
  },
  indexes: { hf_users_created: ['created_at'] },
})

export const usersMigrations = [migration('users/0001_create', [createTable(usersTable)])]
