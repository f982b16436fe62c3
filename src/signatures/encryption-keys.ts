import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { type Keyring, open, seal } from '../crypto/index.ts'
import { type Database, json } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { DecryptionKey, EncryptionCurve } from './jwe.ts'
import { jwkThumbprint } from './keys.ts'
import {
  deleteRetiredEncryptionKeys,
  findEncryptionKeys,
  insertEncryptionKey,
  retireEncryptionKeys,
} from './store.ts'
import type { EncryptionKeyRow } from './table.ts'

/** How long a replaced key still opens: a page that was loaded before may be sent that much later. */
const overlapMs = 7 * 24 * 60 * 60_000
const reloadPauseMs = 1_000
const curves: readonly EncryptionCurve[] = ['P-256', 'X25519']

/** A member of the key set to which browsers encrypt (RFC 7517): public by construction. */
export interface EncryptionJwk {
  readonly kty: 'EC' | 'OKP'
  readonly crv: EncryptionCurve
  readonly x: string
  readonly y?: string
  readonly use: 'enc'
  /** RFC 7638 thumbprint, SHA-256. */
  readonly kid: string
}

export interface EncryptionKeyParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly random: Random
  readonly clock: Clock
  readonly recorder: Recorder
  readonly rotationMs: number
}

/**
 * The keys to which browsers encrypt fields, one a curve. Private halves lie sealed in the database, where
 * every node finds the same ones; a key is replaced on schedule, opens for a week more, and is destroyed.
 * The first ones are made when somebody asks for them.
 */
export class EncryptionKeys {
  readonly #parts: EncryptionKeyParts
  #rows: readonly EncryptionKeyRow[] = []
  #loadedAt = Number.NEGATIVE_INFINITY
  #loading: Promise<void> = Promise.resolve()
  #creating: Promise<void> | undefined
  readonly #opened = new Map<string, DecryptionKey>()

  constructor(parts: EncryptionKeyParts) {
    this.#parts = parts
  }

  /** The newest key of each curve, for whoever encrypts. */
  async published(): Promise<readonly EncryptionJwk[]> {
    await this.#refresh()
    if (this.#current().length < curves.length) await this.#begin()
    return this.#current().map((row) => json.decode(row.public_jwk) as EncryptionJwk)
  }

  /** The key that opens what was encrypted to `kid`; undefined for unknown ones and those destroyed. */
  async find(kid: string): Promise<DecryptionKey | undefined> {
    if (!this.#live(kid)) await this.#refresh()
    const row = this.#live(kid)
    if (!row) return undefined
    const known = this.#opened.get(kid) ?? this.#unseal(row)
    this.#opened.set(kid, known)
    return known
  }

  /** The scheduled job: successors for keys that are old enough, and the end of those before. */
  async rotateIfDue(): Promise<void> {
    const { clock, database, rotationMs } = this.#parts
    await database.transaction((trx) => deleteRetiredEncryptionKeys(trx, clock.now()))
    await this.#load()
    const newest = this.#rows.at(-1)
    if (newest && clock.now() - newest.created_at >= rotationMs) await this.#create()
  }

  /** Makes new keys at once; those before open for a week more. */
  rotate(): Promise<void> {
    return this.#create()
  }

  /** Many may ask at once for the first keys; they are made once. */
  #begin(): Promise<void> {
    this.#creating ??= this.#create().finally(() => {
      this.#creating = undefined
    })
    return this.#creating
  }

  async #create(): Promise<void> {
    const { clock, database, recorder } = this.#parts
    const now = clock.now()
    const rows = curves.map((curve) => this.#newRow(curve, now))
    await database.transaction(async (trx) => {
      for (const row of rows) {
        await insertEncryptionKey(trx, row)
        await recorder.record(trx, {
          name: 'encryption_key.created',
          actor: { kind: 'system' },
          resource: { kind: 'encryption_key', id: row.id },
          payload: { keyId: row.id, curve: row.curve },
        })
      }
      await retireEncryptionKeys(trx, now, now + overlapMs)
    })
    await this.#load()
  }

  #newRow(curve: EncryptionCurve, now: number): EncryptionKeyRow {
    const { keyring, random } = this.#parts
    const pair =
      curve === 'P-256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('x25519')
    const { x = '', y } = pair.publicKey.export({ format: 'jwk' })
    const point = { kty: curve === 'P-256' ? 'EC' : 'OKP', crv: curve, x, ...(y ? { y } : {}) }
    const kid = jwkThumbprint(point)
    const der = pair.privateKey.export({ format: 'der', type: 'pkcs8' })
    return {
      id: kid,
      curve,
      public_jwk: json.encode({ ...point, use: 'enc', kid }),
      sealed_private: seal(keyring, random, der, binding(kid)),
      created_at: now,
      retire_at: null,
    }
  }

  /** Two nodes may have begun at once; then both keys open, and the later one is given out. */
  #current(): readonly EncryptionKeyRow[] {
    return curves.flatMap((curve) => this.#rows.findLast((row) => row.curve === curve) ?? [])
  }

  #live(kid: string): EncryptionKeyRow | undefined {
    const now = this.#parts.clock.now()
    return this.#rows.find((row) => row.id === kid && (row.retire_at ?? now + 1) > now)
  }

  /** At most once a second; whoever comes in between shares the outcome. */
  #refresh(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    if (now - this.#loadedAt >= reloadPauseMs) {
      this.#loadedAt = now
      this.#loading = this.#load()
    }
    return this.#loading
  }

  async #load(): Promise<void> {
    const { clock, database } = this.#parts
    this.#rows = await findEncryptionKeys(database.reader, clock.now())
    const kept = new Set(this.#rows.map((row) => row.id))
    for (const kid of this.#opened.keys()) if (!kept.has(kid)) this.#opened.delete(kid)
  }

  #unseal(row: EncryptionKeyRow): DecryptionKey {
    const der = open(this.#parts.keyring, row.sealed_private, binding(row.id))
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
    return { curve: row.curve === 'X25519' ? 'X25519' : 'P-256', key }
  }
}

function binding(kid: string) {
  return { purpose: 'encryption-key', context: ['hf_encryption_keys', kid] }
}
