import { c, createTable, defineTable, migration } from '../database/index.ts'
import type { Transport } from '../sessions/index.ts'

/** `mfa`: a further factor is to be proven. `enrol`: one is to be enrolled first. */
export type FlowPurpose = 'mfa' | 'enrol'

/** A sign-in that is not complete. Instants in epoch milliseconds. */
export interface FlowRow {
  token_hash: string
  user_id: string
  purpose: FlowPurpose
  /** JSON list of the factors proven so far. */
  proven: string
  /** Hash of what the browser that began it is known by: its flow cookie, or its user agent. */
  browser_hash: string
  transport: Transport
  /** Version of the account's credentials that the proofs rest on. */
  credentials_version: number
  /** Proofs that were tried. */
  attempts: number
  created_at: number
  expires_at: number
  used_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_sign_in_flows: FlowRow
  }
}

const flowsTable = defineTable('hf_sign_in_flows', {
  columns: {
    token_hash: c.text(64),
    user_id: c.id(),
    purpose: c.text(8),
    proven: c.json(),
    browser_hash: c.text(64),
    transport: c.text(8),
    credentials_version: c.integer(),
    attempts: c.integer(),
    created_at: c.time(),
    expires_at: c.time(),
    used_at: c.time().nullable(),
  },
  primaryKey: ['token_hash'],
  indexes: { expiry: ['expires_at'], user: ['user_id'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

/** Migrations of the room, in order; they come after those of users. */
export const signInMigrations = [migration('sign-in/0001_create', [createTable(flowsTable)])]
