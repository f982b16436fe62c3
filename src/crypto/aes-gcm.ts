import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

const cipherName = 'aes-256-gcm'
const keyBytes = 32
/** The only nonce size GCM takes as it is (SP 800-38D section 7.1). */
export const nonceBytes = 12
/** The full tag; GCM's guarantees fade fast with shorter ones. */
export const tagBytes = 16

/**
 * Key and nonce of one message, and what is authenticated beside it. The key is wrapped: Node takes
 * several times as long with one that it wraps itself.
 */
export interface GcmInput {
  readonly key: KeyObject
  readonly nonce: Uint8Array
  readonly associated: Uint8Array
}

/** AES-256-GCM (NIST SP 800-38D): ciphertext followed by the 128-bit tag. Never use a nonce twice. */
export function encryptGcm(input: GcmInput, plaintext: Uint8Array): Buffer {
  requireSizes(input)
  const options = { authTagLength: tagBytes }
  const cipher = createCipheriv(cipherName, input.key, input.nonce, options)
  cipher.setAAD(input.associated)
  const body = cipher.update(plaintext)
  cipher.final()
  return Buffer.concat([body, cipher.getAuthTag()])
}

/**
 * Undoes {@link encryptGcm}; undefined unless the whole 128-bit tag fits. Nothing of the plaintext
 * is returned before the tag has been checked.
 */
export function decryptGcm(input: GcmInput, sealed: Uint8Array): Buffer | undefined {
  requireSizes(input)
  if (sealed.byteLength < tagBytes) return undefined
  const options = { authTagLength: tagBytes }
  const decipher = createDecipheriv(cipherName, input.key, input.nonce, options)
  decipher.setAAD(input.associated)
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  const plaintext = decipher.update(sealed.subarray(0, -tagBytes))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return plaintext
}

function requireSizes({ key, nonce }: GcmInput): void {
  if (key.symmetricKeySize !== keyBytes) throw new TypeError('AES-256-GCM takes a key of 32 bytes.')
  if (nonce.byteLength !== nonceBytes) throw new TypeError('AES-256-GCM takes a nonce of 12 bytes.')
}
