import { isUtf8 } from 'node:buffer'
import type { Clock } from '../ports/index.ts'
import type { EncryptionJwk, EncryptionKeys } from './encryption-keys.ts'
import { signatureErrors } from './errors.ts'
import { openField, readJwe, type SealedField } from './jwe.ts'
import type { SignatureNonces } from './nonces.ts'

/** How long after it was encrypted a field opens, and how far ahead the clock of a browser may be. */
const windowMs = 5 * 60_000

export interface FieldEncryptionParts {
  readonly keys: EncryptionKeys
  readonly nonces: SignatureNonces
  readonly clock: Clock
}

/** For what, and for whom, a field has to have been encrypted. */
export interface FieldPlace {
  /** Its header `aud`, such as `clients/taxId`. */
  readonly context: string
  /** Its header `sub`: the account that sends it. Never take it from the request; take `auth.userId`. */
  readonly subject: string
}

/** Opens fields that browsers have encrypted to this service. */
export class FieldEncryption {
  readonly #parts: FieldEncryptionParts

  constructor(parts: FieldEncryptionParts) {
    this.#parts = parts
  }

  /** The keys to encrypt to, as `/.well-known/holdfast-encryption-jwks.json` gives them. */
  publicKeys(): Promise<readonly EncryptionJwk[]> {
    return this.#parts.keys.published()
  }

  /**
   * The text of a compact JWE that was encrypted for `context` by `subject`, within five minutes, once, by a
   * clock that may be five minutes ahead.
   * Its headers `aud`, `sub` and `iat` say so and are authenticated: who finds a ciphertext cannot have it
   * opened for another field, by another account, later or again. Throws `field_encryption_invalid`, the
   * same for every cause.
   */
  async decrypt(jwe: unknown, place: FieldPlace): Promise<string> {
    const field = typeof jwe === 'string' ? readJwe(jwe) : undefined
    if (!field || !this.#isFor(field, place)) throw signatureErrors.field_encryption_invalid()
    const { keys, nonces } = this.#parts
    const key = await keys.find(field.kid)
    const text = key && openField(field, key)
    if (!text || !isUtf8(text)) throw signatureErrors.field_encryption_invalid()
    // Last of all, as with signatures. The tag stands for all of it: nothing of it can be written otherwise.
    const nonce = `${field.header}.${field.tag.toString('base64url')}`
    const expiresAt = field.issuedAt * 1_000 + windowMs
    if (!(await nonces.spend({ keyId: 'encrypted field', nonce, expiresAt }))) {
      throw signatureErrors.field_encryption_invalid()
    }
    return text.toString('utf8')
  }

  #isFor({ audience, issuedAt, subject }: SealedField, place: FieldPlace): boolean {
    const age = this.#parts.clock.now() - issuedAt * 1_000
    const isFresh = Math.abs(age) <= windowMs
    return isFresh && audience === place.context && subject !== '' && subject === place.subject
  }

  /** Makes new keys at once, such as after a leak; those before open for a week more. */
  rotate(): Promise<void> {
    return this.#parts.keys.rotate()
  }
}
