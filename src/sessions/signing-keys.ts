import {
  exportPrivateKey,
  generateSigningKey,
  importPrivateKey,
  importPublicJwk,
  type Keyring,
  namedSecretKey,
  open,
  type PublicJwk,
  publicJwk,
  type SigningKey,
  seal,
  sealedKeyId,
  type VerificationKey,
  verificationKey,
} from '../crypto/index.ts'
import { agreeOn, type Database, json } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import { sessionErrors } from './errors.ts'
import { findSigningKeys, insertSigningKey, retireOtherKeys } from './key-store.ts'
import type { SigningKeyRow } from './table.ts'

/** Published this long before it signs, so that every node and verifier knows a key it meets. */
const leadMs = 10 * 60 * 1000
const reloadPauseMs = 1_000

export interface SigningKeyParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly random: Random
  readonly clock: Clock
  readonly recorder: Recorder
  readonly algorithm: 'EdDSA' | 'ES256' | 'HS256'
  readonly rotationMs: number
  /** How long a replaced key still verifies: the longest life of a token, leeway included. */
  readonly overlapMs: number
  readonly sharedSecret?: { readonly id: string; readonly secret: Uint8Array }
}

interface LoadedKeys {
  readonly rows: readonly SigningKeyRow[]
  readonly verifying: ReadonlyMap<string, VerificationKey>
  readonly published: readonly PublicJwk[]
}

/**
 * The keys that sign access tokens. Private halves lie sealed in the database; every node loads the
 * same ones. A new key is published before it signs and stays published while its tokens may live.
 */
export class SigningKeys {
  readonly #parts: SigningKeyParts
  readonly #shared: SigningKey | undefined
  #loaded: LoadedKeys = { rows: [], verifying: new Map(), published: [] }
  #refreshedAt = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> = Promise.resolve()
  #signing: SigningKey | undefined

  constructor(parts: SigningKeyParts) {
    this.#parts = parts
    const { sharedSecret } = parts
    if (parts.algorithm === 'HS256' && sharedSecret) {
      this.#shared = namedSecretKey(sharedSecret.id, sharedSecret.secret)
    }
  }

  /**
   * Loads the keys, making the first one where there is none. Throws `master_key_wrong` when what the
   * database holds was sealed under another master key: the process must not start.
   */
  async start(): Promise<void> {
    await this.#refuseOtherMasterKey()
    await this.#reload()
    if (this.#shared) return
    const row = this.#activeRow()
    if (!row) return this.#create(this.#parts.clock.now())
    this.current()
  }

  /** Whatever signs, links, mails and tokens of this database hang on the key it began with. */
  async #refuseOtherMasterKey(): Promise<void> {
    const { database, keyring } = this.#parts
    const rows = await findSigningKeys(database.reader, this.#parts.clock.now())
    const sealed = rows.at(-1)
    const first = sealed ? sealedKeyId(sealed.sealed_private) : undefined
    const needed = await agreeOn(database, 'master_key', first ?? keyring.keyId)
    if (needed !== keyring.keyId) throw wrongMasterKey(needed, keyring.keyId)
  }

  /** The public key set, RFC 7517. A shared HS256 key never appears in it. */
  get published(): readonly PublicJwk[] {
    return this.#loaded.published
  }

  get verifying(): ReadonlyMap<string, VerificationKey> {
    return this.#loaded.verifying
  }

  /** The key that signs now. */
  current(): SigningKey {
    if (this.#shared) return this.#shared
    const row = this.#activeRow()
    if (!row) throw new Error('there is no signing key; start() has not run')
    if (this.#signing?.kid !== row.id) this.#signing = this.#unseal(row)
    return this.#signing
  }

  /**
   * Called when a token names an unknown key: another node may have made it. At most once a second,
   * counted from the last such call, so that nodes which start together take each other's tokens;
   * whoever comes in between shares the outcome.
   */
  refresh(): Promise<void> {
    const now = this.#parts.clock.monotonic()
    if (now - this.#refreshedAt >= reloadPauseMs) {
      this.#refreshedAt = now
      this.#refreshing = this.#reload()
    }
    return this.#refreshing
  }

  /** The scheduled job: makes a successor when the newest key is old enough. */
  async rotateIfDue(): Promise<void> {
    await this.#reload()
    const newest = this.#loaded.rows.at(-1)
    const now = this.#parts.clock.now()
    if (this.#shared || (newest && now - newest.created_at < this.#parts.rotationMs)) return
    await this.#create(now + leadMs)
  }

  /** Makes a new key at once; it signs after the lead time, or immediately when `now` is given. */
  async rotate(options: { readonly immediately?: boolean } = {}): Promise<void> {
    if (this.#shared) return
    await this.#create(this.#parts.clock.now() + (options.immediately ? 0 : leadMs))
  }

  async #create(activeAt: number): Promise<void> {
    const { algorithm, clock, database, keyring, overlapMs, random, recorder } = this.#parts
    if (algorithm === 'HS256') return
    const key = generateSigningKey(algorithm)
    const row: SigningKeyRow = {
      id: key.kid,
      algorithm,
      public_jwk: json.encode(publicJwk(key)),
      sealed_private: seal(keyring, random, exportPrivateKey(key), binding(key.kid)),
      created_at: clock.now(),
      active_at: activeAt,
      retire_at: null,
    }
    await database.transaction(async (trx) => {
      await insertSigningKey(trx, row)
      await retireOtherKeys(trx, row.id, activeAt + overlapMs)
      await recorder.record(trx, {
        name: 'signing_key.created',
        actor: { kind: 'system' },
        resource: { kind: 'signing_key', id: row.id },
        payload: { keyId: row.id, algorithm },
      })
    })
    await this.#reload()
  }

  async #reload(): Promise<void> {
    const rows = await findSigningKeys(this.#parts.database.reader, this.#parts.clock.now())
    const keys = rows.map((row) => importPublicJwk(json.decode(row.public_jwk)))
    const verifying = new Map(keys.map((key) => [key.kid, key]))
    if (this.#shared) verifying.set(this.#shared.kid, verificationKey(this.#shared))
    this.#loaded = { rows, verifying, published: keys.map((key) => publicJwk(key)) }
  }

  #activeRow(): SigningKeyRow | undefined {
    const now = this.#parts.clock.now()
    const { algorithm } = this.#parts
    return this.#loaded.rows.findLast((row) => row.active_at <= now && row.algorithm === algorithm)
  }

  #unseal(row: SigningKeyRow): SigningKey {
    const algorithm = row.algorithm === 'ES256' ? 'ES256' : 'EdDSA'
    const der = open(this.#parts.keyring, row.sealed_private, binding(row.id))
    return importPrivateKey(algorithm, der)
  }
}

function wrongMasterKey(needed: string, given: string): Error {
  const explanation = `the database needs master key ${needed}, this process was given ${given}: start with the old key (MASTER_ENCRYPTION_KEY)`
  return sessionErrors.master_key_wrong({ explanation })
}

function binding(kid: string) {
  return { purpose: 'signing-key', context: ['hf_signing_keys', kid] }
}
