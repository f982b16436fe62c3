import { c, createIndex, createTable, defineTable, migration } from '../database/index.ts'

/** Whose a key is. */
export type KeyOwnerKind = 'user' | 'service_account' | 'organisation'

/** An API key. Instants in epoch milliseconds. */
export interface ApiKeyRow {
  /** The public part of the key; of an imported one a name of the same form. */
  id: string
  owner_kind: KeyOwnerKind
  owner_id: string
  /** The owner where it is an account, so that a key goes with it. */
  user_id: string | null
  /** Where the key acts; null: in no organisation. */
  organisation_id: string | null
  name: string
  /** JSON list of permission patterns. */
  scopes: string
  /** SHA-256 of the secret part; of an imported key, of all of it. Base64url. */
  hash: string
  /** 1: made elsewhere, and of any form. */
  imported: number
  /** Level of the session that made it. */
  level: number
  /** JSON list; null: from anywhere. */
  ip_ranges: string | null
  /** Null: the option `apiKeys.limitPerHour`. */
  limit_per_hour: number | null
  /** JSON of the app, at most 8 KB. */
  metadata: string
  created_at: number
  created_by: string | null
  expires_at: number | null
  /** End of the overlap with its successor. */
  ends_at: number | null
  successor_id: string | null
  revoked_at: number | null
  revoke_reason: string | null
  first_used_at: number | null
  last_used_at: number | null
  last_used_ip: string | null
  /** 1: valid for nothing; whoever shows it has found what was laid out. */
  decoy: number
}

/** An account of a program: it holds roles and keys, and signs in nowhere. */
export interface ServiceAccountRow {
  id: string
  /** Where its keys act; null: in no organisation. */
  organisation_id: string | null
  name: string
  status: 'active' | 'disabled'
  created_at: number
  created_by: string | null
}

/** A role that a service account, or an organisation as owner of keys, holds. */
export interface PrincipalGrantRow {
  principal_kind: 'service_account' | 'organisation'
  principal_id: string
  role: string
  granted_at: number
  granted_by: string | null
  reason: string | null
  expires_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_api_keys: ApiKeyRow
    hf_service_accounts: ServiceAccountRow
    hf_principal_grants: PrincipalGrantRow
  }
}

const keysTable = defineTable('hf_api_keys', {
  columns: {
    id: c.text(16),
    owner_kind: c.text(16),
    owner_id: c.id(),
    user_id: c.id().nullable(),
    organisation_id: c.id().nullable(),
    name: c.text(100),
    scopes: c.json(),
    hash: c.text(43),
    imported: c.boolean(),
    level: c.integer(),
    ip_ranges: c.json().nullable(),
    limit_per_hour: c.integer().nullable(),
    metadata: c.json(),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
    expires_at: c.time().nullable(),
    ends_at: c.time().nullable(),
    successor_id: c.text(16).nullable(),
    revoked_at: c.time().nullable(),
    revoke_reason: c.text(500).nullable(),
    first_used_at: c.time().nullable(),
    last_used_at: c.time().nullable(),
    last_used_ip: c.text(64).nullable(),
    decoy: c.boolean(),
  },
  primaryKey: ['id'],
  unique: { hash: ['hash'] },
  indexes: { owner: ['owner_id', 'created_at'], user: ['user_id'], created: ['created_at', 'id'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

const serviceAccountsTable = defineTable('hf_service_accounts', {
  columns: {
    id: c.id(),
    organisation_id: c.id().nullable(),
    name: c.text(100),
    status: c.text(16),
    created_at: c.time(),
    created_by: c.text(64).nullable(),
  },
  primaryKey: ['id'],
  unique: { name: ['name'] },
  indexes: { created: ['created_at', 'id'] },
})

const principalGrantsTable = defineTable('hf_principal_grants', {
  columns: {
    principal_kind: c.text(16),
    principal_id: c.id(),
    role: c.text(64),
    granted_at: c.time(),
    granted_by: c.text(64).nullable(),
    reason: c.text(500).nullable(),
    expires_at: c.time().nullable(),
  },
  primaryKey: ['principal_kind', 'principal_id', 'role'],
  indexes: { role: ['role'] },
})

/** Migrations of the room, in order; they come after those of users and organisations. */
export const apiKeyMigrations = [
  migration('api-keys/0001_create', [
    createTable(keysTable),
    createTable(serviceAccountsTable),
    createTable(principalGrantsTable, { indexes: ['role'] }),
  ]),
  // A change of a role looks for everybody who holds it.
  migration('api-keys/0002_holders', [createIndex(principalGrantsTable, 'role')]),
]
