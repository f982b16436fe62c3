import type { Random } from '../ports/index.ts'
import { decryptGcm, encryptGcm, nonceBytes, tagBytes } from './aes-gcm.ts'
import { decodeBase64url } from './base64url.ts'
import { cryptoErrors } from './errors.ts'
import type { Keyring } from './keyring.ts'

/** What a sealed value belongs to. It opens only with the very same binding. */
export interface SealBinding {
  /** Picks the key, for example `totp-secret`: up to 59 characters, else as for Keyring.derive. */
  readonly purpose: string
  /** Where the value lives, for example `['hf_totp', userId, 'secret']`. */
  readonly context: readonly string[]
}

const version = 'hf1'
const envelopeShape = /^hf1\.([A-Za-z0-9_-]{12})\.([A-Za-z0-9_-]+)$/

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D): a fresh random 96-bit nonce, a 128-bit tag, a key of
 * its own for each purpose. Version, key id and context are authenticated with it, so a value
 * cannot be moved to another row, column, user or purpose. At most 2^32 values a purpose and master
 * key (SP 800-38D section 8.3).
 *
 * The result is `hf1.<key id>.<base64url of nonce, ciphertext, tag>`: text for any column, about
 * 4/3 of the plain bytes plus 55. Text must be well-formed Unicode, else TypeError.
 */
export function seal(
  keyring: Keyring,
  random: Random,
  plaintext: string | Uint8Array,
  binding: SealBinding,
): string {
  const header = `${version}.${keyring.keyId}`
  const nonce = random.bytes(nonceBytes)
  const bytes = typeof plaintext === 'string' ? utf8(plaintext) : plaintext
  const body = encryptGcm({ ...boundTo(keyring, header, binding), nonce }, bytes)
  return `${header}.${Buffer.concat([nonce, body]).toString('base64url')}`
}

/**
 * Opens what {@link seal} made with the same purpose and context. Throws `sealed_unreadable` for
 * anything else: another key, binding or version, a flipped bit, a short tag, a second spelling.
 * Only the private cause tells which. Algorithm and lengths are fixed here, never read from the
 * message.
 */
export function open(keyring: Keyring, sealed: string, binding: SealBinding): Uint8Array {
  const { header, bytes } = readSealed(keyring, sealed)
  const nonce = bytes.subarray(0, nonceBytes)
  const input = { ...boundTo(keyring, header, binding), nonce }
  const plaintext = decryptGcm(input, bytes.subarray(nonceBytes))
  if (!plaintext) throw unreadable('altered, or sealed for another binding')
  return plaintext
}

/** As {@link open}, for text. */
export function openText(keyring: Keyring, sealed: string, binding: SealBinding): string {
  return Buffer.from(open(keyring, sealed, binding)).toString('utf8')
}

/** The id of the master key a value was sealed under, to find what a rotation must seal again. */
export function sealedKeyId(sealed: string): string | undefined {
  return envelopeShape.exec(sealed)?.[1]
}

function readSealed(keyring: Keyring, sealed: string): { header: string; bytes: Buffer } {
  const [, keyId, body = ''] = envelopeShape.exec(sealed) ?? []
  if (keyId === undefined) throw unreadable('not an envelope of version hf1')
  if (keyId !== keyring.keyId) throw unreadable('sealed under another master key')
  const bytes = decodeBase64url(body)
  if (!bytes) throw unreadable('not canonical base64url')
  if (bytes.byteLength < nonceBytes + tagBytes) throw unreadable('too short')
  return { header: `${version}.${keyId}`, bytes }
}

function boundTo(keyring: Keyring, header: string, { purpose, context }: SealBinding) {
  const key = keyring.deriveSecret(`seal/${purpose}`)
  return { key, associated: encodeParts([header, ...context]) }
}

/** Each part led by its length in 32 bits: no two lists share an encoding. */
function encodeParts(texts: readonly string[]): Buffer {
  const parts = texts.map(utf8)
  const encoded = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + 4 + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    at = encoded.writeUInt32BE(part.byteLength, at)
    at += part.copy(encoded, at)
  }
  return encoded
}

function utf8(text: string): Buffer {
  if (!text.isWellFormed()) throw new TypeError('Text with a lone surrogate cannot be sealed.')
  return Buffer.from(text, 'utf8')
}

function unreadable(reason: string): Error {
  return cryptoErrors.sealed_unreadable({ cause: new Error(reason) })
}
