import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/** The authenticator app of one account. Instants in epoch milliseconds. */
export interface TotpRow {
  user_id: string
  /** Sealed with the account as context; null until a first code has confirmed a secret. */
  secret: string | null
  confirmed_at: number | null
  /** The last step that was spent; it and all before it are gone. */
  last_step: number
  /** A new secret that waits for its first code; the one in use stays until then. */
  pending_secret: string | null
  pending_at: number | null
  /** Who set it up and is shown it again: a session, or a sign-in that goes on. */
  pending_for: string | null
  /** First codes of it that were tried in a session. */
  pending_tries: number | null
}

/** One recovery code of an account. */
export interface RecoveryCodeRow {
  user_id: string
  /** HMAC under a key that is not in the database. */
  code_hash: string
  created_at: number
  used_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_totp: TotpRow
    hf_recovery_codes: RecoveryCodeRow
  }
}

const ofUser = {
  columns: ['user_id'],
  table: 'hf_users',
  references: ['id'],
  onDelete: 'cascade',
} as const

const totpTable = defineTable('hf_totp', {
  columns: {
    user_id: c.id(),
    secret: c.text(500).nullable(),
    confirmed_at: c.time().nullable(),
    last_step: c.integer(),
    pending_secret: c.text(500).nullable(),
    pending_at: c.time().nullable(),
    pending_for: c.text(64).nullable(),
    pending_tries: c.integer().nullable(),
  },
  primaryKey: ['user_id'],
  foreignKeys: [ofUser],
})

const recoveryCodesTable = defineTable('hf_recovery_codes', {
  columns: {
    user_id: c.id(),
    code_hash: c.text(64),
    created_at: c.time(),
    used_at: c.time().nullable(),
  },
  primaryKey: ['user_id', 'code_hash'],
  foreignKeys: [ofUser],
})

/** Migrations of the room, in order; they come after those of users. */
export const factorMigrations = [
  migration('factors/0001_create', [
    createTable(totpTable, { columns: ['pending_for', 'pending_tries'] }),
    createTable(recoveryCodesTable),
  ]),
  migration('factors/0002_pending', [
    addColumn(totpTable, 'pending_for'),
    addColumn(totpTable, 'pending_tries'),
  ]),
]
