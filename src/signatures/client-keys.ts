import { type Database, json } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import { signatureErrors } from './errors.ts'
import {
  importSigningJwk,
  jwkThumbprint,
  type PublicSigningJwk,
  type SignatureAlgorithm,
  type SignatureKey,
} from './keys.ts'
import { findClientKey, putClientKey } from './store.ts'

export interface ClientKeyParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly clock: Clock
}

/** What the client signs with from now on. */
export interface RegisteredKey {
  /** Goes into the parameter `keyid`: the RFC 7638 thumbprint of the key. */
  readonly keyId: string
  readonly algorithm: SignatureAlgorithm
}

/** Public keys of clients, one a session: whoever steals a cookie does not have the key. */
export class ClientKeys {
  readonly #parts: ClientKeyParts

  constructor(parts: ClientKeyParts) {
    this.#parts = parts
  }

  /** Makes `jwk` the key of the caller's session. Throws `signing_key_invalid`. */
  async register(
    { sessionId, userId }: Pick<Auth, 'sessionId' | 'userId'>,
    jwk: PublicSigningJwk,
    origin: Origin,
  ): Promise<RegisteredKey> {
    const key = importSigningJwk(jwk)
    if (!key) throw signatureErrors.signing_key_invalid()
    const { clock, database, recorder } = this.#parts
    const keyId = jwkThumbprint(jwk)
    await database.transaction(async (trx) => {
      await putClientKey(trx, {
        ...{ session_id: sessionId, key_id: keyId, public_jwk: json.encode(jwk) },
        created_at: clock.now(),
      })
      await recorder.record(trx, {
        name: 'client_key.registered',
        actor: { kind: 'user', id: userId },
        resource: { kind: 'session', id: sessionId },
        payload: { sessionId, userId, keyId },
        origin,
      })
    })
    return { keyId, algorithm: key.algorithm }
  }

  /** The key `keyId` of a session, when it is that session's own. */
  async find(sessionId: string, keyId: string): Promise<SignatureKey | undefined> {
    const row = await findClientKey(this.#parts.database.reader, sessionId)
    if (row?.key_id !== keyId) return undefined
    return importSigningJwk(json.decode(row.public_jwk) as PublicSigningJwk)
  }
}
