import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/**
 * What a mailed link is good for. It works for nothing else.
 * `reset`: a new password. `secure`: the same after "this was not me", and it opens the lock of that
 * report. `change_email`, `undo_email`: a new address, and back. `report`: "this was not me".
 * `invitation`: the first password of an account that an administrator made.
 */
export type LinkPurpose =
  | 'reset'
  | 'secure'
  | 'change_email'
  | 'undo_email'
  | 'report'
  | 'invitation'

/** One mailed link. Instants in epoch milliseconds. */
export interface LinkRow {
  id: string
  /** The token itself is in the mail only. */
  token_hash: string
  purpose: LinkPurpose
  /** Null for the stand-in of an address that has no account. */
  user_id: string | null
  /** The address that the link is about: mailed to, or to be put back. */
  email: string
  created_at: number
  expires_at: number
  used_at: number | null
  /** Version of the account's credentials that the link rests on; null when it rests on none. */
  credentials_version: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_links: LinkRow
  }
}

const linksTable = defineTable('hf_links', {
  columns: {
    id: c.id(),
    token_hash: c.text(64),
    purpose: c.text(16),
    user_id: c.id().nullable(),
    email: c.text(254),
    created_at: c.time(),
    expires_at: c.time(),
    used_at: c.time().nullable(),
    credentials_version: c.integer().nullable(),
  },
  primaryKey: ['id'],
  unique: { token: ['token_hash'] },
  indexes: { expiry: ['expires_at'], user: ['user_id', 'purpose'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

export const recoveryMigrations = [
  migration('recovery/0001_create', [
    createTable(linksTable, { columns: ['credentials_version'] }),
  ]),
  migration('recovery/0002_credentials_version', [addColumn(linksTable, 'credentials_version')]),
]
