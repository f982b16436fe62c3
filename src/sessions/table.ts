import {
  addColumn,
  c,
  createIndex,
  createTable,
  defineTable,
  migration,
} from '../database/index.ts'

/** How a session travels: cookies with an access token, tokens in the body, or one opaque cookie. */
export type Transport = 'cookie' | 'body' | 'session'

/** One session. Instants in epoch milliseconds; tokens only as hashes. */
export interface SessionRow {
  id: string
  user_id: string
  transport: Transport
  created_at: number
  /** When the last factor was proven. */
  auth_time: number
  last_activity_at: number
  /** The session ends here whatever happens. */
  absolute_at: number
  ended_at: number | null
  end_reason: string | null
  ip: string | null
  user_agent: string | null
  /** What the account knows the device by, as in `hf_devices`. */
  device_hash: string | null
  /** Hash of the opaque cookie of transport `session`. */
  token_hash: string | null
  /** JSON list of the factors proven, for example `["pwd"]` (RFC 8176). */
  factors: string
  level: number
  /** Grows each time the secret is replaced; a credential made before gets no secret. */
  secret_version: number
}

/** One refresh token of a session's chain. A used one stays, so that its reuse is recognised. */
export interface RefreshTokenRow {
  token_hash: string
  session_id: string
  parent_hash: string | null
  created_at: number
  used_at: number | null
  /** What "the same client" is: a hash of the device cookie or of the user agent. */
  client_hash: string
}

/** A signing key; the private half is sealed with the key id as context. */
export interface SigningKeyRow {
  id: string
  algorithm: string
  public_jwk: string
  sealed_private: string
  created_at: number
  /** Signs from here on; published from `created_at`, so that verifiers know it before. */
  active_at: number
  /** Leaves the key set here; null while it is the newest. */
  retire_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_sessions: SessionRow
    hf_refresh_tokens: RefreshTokenRow
    hf_signing_keys: SigningKeyRow
  }
}

const sessionsTable = defineTable('hf_sessions', {
  columns: {
    id: c.id(),
    user_id: c.id(),
    transport: c.text(16),
    created_at: c.time(),
    auth_time: c.time(),
    last_activity_at: c.time(),
    absolute_at: c.time(),
    ended_at: c.time().nullable(),
    end_reason: c.text(64).nullable(),
    ip: c.text(64).nullable(),
    user_agent: c.text(300).nullable(),
    device_hash: c.text(64).nullable(),
    token_hash: c.text(64).nullable(),
    factors: c.json(),
    level: c.integer(),
    secret_version: c.integer().default(0),
  },
  primaryKey: ['id'],
  unique: { token: ['token_hash'] },
  indexes: { user: ['user_id', 'ended_at'], absolute: ['absolute_at'], ended: ['ended_at'] },
  foreignKeys: [
    { columns: ['user_id'], table: 'hf_users', references: ['id'], onDelete: 'cascade' },
  ],
})

const refreshTokensTable = defineTable('hf_refresh_tokens', {
  columns: {
    token_hash: c.text(64),
    session_id: c.id(),
    parent_hash: c.text(64).nullable(),
    created_at: c.time(),
    used_at: c.time().nullable(),
    client_hash: c.text(64),
  },
  primaryKey: ['token_hash'],
  indexes: { session: ['session_id'], parent: ['parent_hash'] },
  foreignKeys: [
    { columns: ['session_id'], table: 'hf_sessions', references: ['id'], onDelete: 'cascade' },
  ],
})

const signingKeysTable = defineTable('hf_signing_keys', {
  columns: {
    id: c.text(64),
    algorithm: c.text(16),
    public_jwk: c.json(),
    sealed_private: c.longText(),
    created_at: c.time(),
    active_at: c.time(),
    retire_at: c.time().nullable(),
  },
  primaryKey: ['id'],
})

export const sessionsMigrations = [
  migration('sessions/0001_create', [
    createTable(sessionsTable, { columns: ['secret_version'], indexes: ['ended'] }),
    createTable(refreshTokensTable),
    createTable(signingKeysTable),
  ]),
  migration('sessions/0002_ended', [createIndex(sessionsTable, 'ended')]),
  migration('sessions/0003_secret_version', [addColumn(sessionsTable, 'secret_version')]),
]
