import { isUtf8 } from 'node:buffer'
import type { EncryptionJwk, EncryptionKeys } from './encryption-keys.ts'
import { signatureErrors } from './errors.ts'
import { openField, readJwe } from './jwe.ts'

/** Opens fields that browsers have encrypted to this service. */
export class FieldEncryption {
  readonly #keys: EncryptionKeys

  constructor(keys: EncryptionKeys) {
    this.#keys = keys
  }

  /** The keys to encrypt to, as `/.well-known/holdfast-encryption-jwks.json` gives them. */
  publicKeys(): Promise<readonly EncryptionJwk[]> {
    return this.#keys.published()
  }

  /**
   * The text of a compact JWE that was encrypted for `context`: its header `aud` says so and is
   * authenticated, so that what was encrypted for one field opens in no other. Throws
   * `field_encryption_invalid`, the same for every cause.
   */
  async decrypt(jwe: unknown, { context }: { readonly context: string }): Promise<string> {
    const field = typeof jwe === 'string' ? readJwe(jwe) : undefined
    if (field?.audience !== context) throw signatureErrors.field_encryption_invalid()
    const key = await this.#keys.find(field.kid)
    const text = key && openField(field, key)
    if (!text || !isUtf8(text)) throw signatureErrors.field_encryption_invalid()
    return text.toString('utf8')
  }

  /** Makes new keys at once, such as after a leak; those before open for a week more. */
  rotate(): Promise<void> {
    return this.#keys.rotate()
  }
}
