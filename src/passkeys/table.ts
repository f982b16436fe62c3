import { addColumn, c, createTable, defineTable, migration } from '../database/index.ts'

/** One passkey of an account. Instants in epoch milliseconds. */
export interface PasskeyRow {
  id: string
  user_id: string
  /** base64url. */
  credential_id: string
  /** SHA-256 of the credential id, which is too long for an index. */
  credential_hash: string
  /** COSE key, base64url. */
  public_key: string
  /** Signature counter that was seen last; 0 where the authenticator keeps none. */
  counter: number
  /** JSON list of hints (WebAuthn section 5.8.4). */
  transports: string
  /** Chosen by its owner. */
  name: string
  aaguid: string
  /** 1 when it is synced between devices. */
  backed_up: number
  /**
   * 1 when it may be synced, which never changes (section 6.1.3). Null for one that was registered before
   * this was kept, until it is used.
   */
  backup_eligible: number | null
  created_at: number
  last_used_at: number | null
}

/** What a challenge of WebAuthn was made for. */
export type CeremonyKind = 'register' | 'sign_in' | 'factor' | 'step_up'

/** One challenge. It works once, for its kind, its account and its browser. */
export interface CeremonyRow {
  challenge_hash: string
  kind: CeremonyKind
  /** Null where anybody may sign in. */
  user_id: string | null
  /** Hash of what the browser that asked is known by. */
  browser_hash: string
  created_at: number
  expires_at: number
  used_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_passkeys: PasskeyRow
    hf_ceremonies: CeremonyRow
  }
}

const ofUser = {
  columns: ['user_id'],
  table: 'hf_users',
  references: ['id'],
  onDelete: 'cascade',
} as const

const passkeysTable = defineTable('hf_passkeys', {
  columns: {
    id: c.id(),
    user_id: c.id(),
    credential_id: c.text(1_400),
    credential_hash: c.text(64),
    public_key: c.text(2_000),
    counter: c.time(),
    transports: c.json(),
    name: c.text(100),
    aaguid: c.text(36),
    backed_up: c.integer(),
    backup_eligible: c.integer().nullable(),
    created_at: c.time(),
    last_used_at: c.time().nullable(),
  },
  primaryKey: ['id'],
  unique: { credential: ['credential_hash'] },
  indexes: { user: ['user_id'] },
  foreignKeys: [ofUser],
})

const ceremoniesTable = defineTable('hf_ceremonies', {
  columns: {
    challenge_hash: c.text(64),
    kind: c.text(16),
    user_id: c.id().nullable(),
    browser_hash: c.text(64),
    created_at: c.time(),
    expires_at: c.time(),
    used_at: c.time().nullable(),
  },
  primaryKey: ['challenge_hash'],
  indexes: { expiry: ['expires_at'], user: ['user_id'] },
  foreignKeys: [ofUser],
})

/** Migrations of the room, in order; they come after those of users. */
export const passkeyMigrations = [
  migration('passkeys/0001_create', [
    createTable(passkeysTable, { columns: ['backup_eligible'] }),
    createTable(ceremoniesTable),
  ]),
  migration('passkeys/0002_backup_eligible', [addColumn(passkeysTable, 'backup_eligible')]),
]
