import { c, createTable, defineTable, migration } from '../database/index.ts'

/**
 * `open`: its link was mailed. `unmailed`: the address had had its share of mails. `closed`: the
 * address has an account, so nothing can be confirmed; the row makes both cases alike.
 */
export type RegistrationState = 'open' | 'unmailed' | 'closed'

/**
 * One registration that waits for its link. Each carries its own password, so that confirming one
 * never activates what somebody else chose for the same address.
 */
export interface RegistrationRow {
  id: string
  /** Null in a row that only costs what a real one does; it is past its end from the start. */
  user_id: string | null
  /** The registration whose members this row repeats; its own id for a first one. */
  origin_id: string
  token_hash: string
  email: string
  email_canonical: string
  username: string | null
  username_canonical: string | null
  display_name: string | null
  company_name: string | null
  metadata: string
  /** Null when the link must be used with a newly chosen password. */
  password_hash: string | null
  /** Few bits of a keyed hash of the password, see `password-tag.ts`. */
  password_tag: number | null
  state: RegistrationState
  created_at: number
  expires_at: number
  used_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_registrations: RegistrationRow
  }
}

const registrationsTable = defineTable('hf_registrations', {
  columns: {
    id: c.id(),
    user_id: c.id().nullable(),
    origin_id: c.id(),
    token_hash: c.text(64),
    email: c.text(254),
    email_canonical: c.text(254),
    username: c.text(30).nullable(),
    username_canonical: c.text(30).nullable(),
    display_name: c.text(100).nullable(),
    company_name: c.text(200).nullable(),
    metadata: c.json(),
    password_hash: c.text(500).nullable(),
    password_tag: c.integer().nullable(),
    state: c.text(16),
    created_at: c.time(),
    expires_at: c.time(),
    used_at: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: { token: ['token_hash'] },
  indexes: {
    email: ['email_canonical', 'expires_at'],
    expiry: ['expires_at'],
    user: ['user_id'],
  },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

export const signUpMigrations = [
  migration('sign-up/0001_create', [createTable(registrationsTable)]),
]
