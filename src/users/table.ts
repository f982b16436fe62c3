import {
  addColumn,
  c,
  createIndex,
  createTable,
  defineTable,
  migration,
} from '../database/index.ts'

/** Where an account stands; only `active` may hold a session. */
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
  /** The last one before the last sign-in; failures since are in the lanes of `throttle`. */
  last_failure_at: number | null
  /** Grows with every change of a credential; a proof of an older one issues nothing. */
  credentials_version: number
  /** When a closed account is erased, unless somebody opens it again; null for every other. */
  erase_at: number | null
  /** Since when a code of an authenticator app is asked for; null while none is enrolled. */
  totp_since: number | null
  /** How many passkeys are registered. */
  passkeys: number
  /**
   * When somebody who must enrol a second factor is let in without one no longer; null before it is known.
   * The enrolment of any second factor ends that time for good.
   */
  mfa_due_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_users: UserRow
  }
}

const usersTable = defineTable('hf_users', {
  columns: {
    id: c.id(),
    realm: c.text(64),
    email: c.text(254),
    email_canonical: c.text(254),
    username: c.text(30).nullable(),
    username_canonical: c.text(30).nullable(),
    display_name: c.text(100).nullable(),
    company_name: c.text(200).nullable(),
    status: c.text(16),
    status_reason: c.text(500).nullable(),
    locked_until: c.time().nullable(),
    metadata: c.json(),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
    verified_at: c.time().nullable(),
    last_sign_in_at: c.time().nullable(),
    last_sign_in_ip: c.text(64).nullable(),
    last_failure_at: c.time().nullable(),
    credentials_version: c.integer().default(0),
    erase_at: c.time().nullable(),
    totp_since: c.time().nullable(),
    passkeys: c.integer().default(0),
    mfa_due_at: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: {
    email: ['realm', 'email_canonical'],
    username: ['realm', 'username_canonical'],
  },
  indexes: { created: ['created_at'], erasure: ['erase_at'] },
})

export const usersMigrations = [
  migration('users/0001_create', [
    createTable(usersTable, {
      columns: ['credentials_version', 'erase_at', 'totp_since', 'passkeys', 'mfa_due_at'],
      indexes: ['erasure'],
    }),
  ]),
  migration('users/0002_credentials_version', [addColumn(usersTable, 'credentials_version')]),
  migration('users/0003_erase_at', [
    addColumn(usersTable, 'erase_at'),
    createIndex(usersTable, 'erasure'),
  ]),
  migration('users/0004_second_factors', [
    addColumn(usersTable, 'totp_since'),
    addColumn(usersTable, 'passkeys'),
    addColumn(usersTable, 'mfa_due_at'),
  ]),
]
