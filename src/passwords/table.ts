import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/** The password of an account, as a PHC string. */
export interface PasswordRow {
  user_id: string
  hash: string
  changed_at: number
  /** Why this password opens nothing until it is replaced; null while it does. */
  blocked: PasswordBlock | null
}

/** `forced`: an administrator asked for a new one. `reported`: its owner said that somebody else used it. */
export type PasswordBlock = 'forced' | 'reported'

declare module '../database/types.ts' {
  interface Tables {
    hf_passwords: PasswordRow
  }
}

const passwordsTable = defineTable('hf_passwords', {
  columns: {
    user_id: c.id(),
    hash: c.text(500),
    changed_at: c.time(),
    blocked: c.text(16).nullable(),
  },
  primaryKey: ['user_id'],
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

export const passwordsMigrations = [
  migration('passwords/0001_create', [createTable(passwordsTable, { columns: ['blocked'] })]),
  migration('passwords/0002_blocked', [addColumn(passwordsTable, 'blocked')]),
]
