import { c, createTable, defineTable, migration } from '../database/index.ts'

/** A nonce that was used. Instants in epoch milliseconds. */
export interface SignatureNonceRow {
  /** SHA-256 of key id and nonce, base64url. */
  id: string
  /** From then on its signature is refused for its age, and the row may go. */
  expires_at: number
}

/** The public key that signs the requests of a session; at most one. */
export interface ClientKeyRow {
  session_id: string
  /** RFC 7638 thumbprint of the key: its `keyid`. */
  key_id: string
  public_jwk: string
  created_at: number
}

/** A key to which browsers encrypt fields; the private half is sealed with the key id as context. */
export interface EncryptionKeyRow {
  id: string
  /** `P-256` or `X25519`. */
  curve: string
  public_jwk: string
  sealed_private: string
  created_at: number
  /** Opens nothing from here on and is deleted; null while it is the newest of its curve. */
  retire_at: number | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_signature_nonces: SignatureNonceRow
    hf_client_keys: ClientKeyRow
    hf_encryption_keys: EncryptionKeyRow
  }
}

const noncesTable = defineTable('hf_signature_nonces', {
  columns: { id: c.text(64), expires_at: c.time() },
  primaryKey: ['id'],
  indexes: { expiry: ['expires_at'] },
})

const clientKeysTable = defineTable('hf_client_keys', {
  columns: {
    session_id: c.id(),
    key_id: c.text(64),
    public_jwk: c.json(),
    created_at: c.time(),
  },
  primaryKey: ['session_id'],
  foreignKeys: [
    { columns: ['session_id'], table: 'hf_sessions', references: ['id'], onDelete: 'cascade' },
  ],
})

const encryptionKeysTable = defineTable('hf_encryption_keys', {
  columns: {
    id: c.text(64),
    curve: c.text(16),
    public_jwk: c.json(),
    sealed_private: c.longText(),
    created_at: c.time(),
    retire_at: c.time().nullable(),
  },
  primaryKey: ['id'],
})

/** Migrations of the room, in order; they come after those of sessions. */
export const signatureMigrations = [
  migration('signatures/0001_create', [
    createTable(noncesTable),
    createTable(clientKeysTable),
    createTable(encryptionKeysTable),
  ]),
]
