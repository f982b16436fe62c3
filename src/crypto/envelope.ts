import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../ports/index.ts'
import { decodeBase64url } from './base64url.ts'
import { cryptoErrors } from './errors.ts'
import type { Keyring } from './keyring.ts'

/** What a sealed value belongs to. It opens only with the very same binding. */
export interface SealBinding {
  /** Picks the key, for example `totp-secret`; rules as for {@link Keyring.derive}. */
  readonly purpose: string
  /** Where the value lives, for example `['hf_totp', userId, 'secret']`. */
  readonly context: readonly string[]
}

const version = 'hf1'
const cipherName = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

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
  if (nonce.byteLength !== nonceBytes) throw new TypeError('The random port gave a short nonce.')
  const cipher = createCipheriv(cipherName, sealingKey(keyring, binding), nonce, {
    authTagLength: tagBytes,
  })
  cipher.setAAD(associatedData(header, binding.context))
  const body = cipher.update(plainBytes(plaintext))
  cipher.final()
  return `${header}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`
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
  const decipher = createDecipheriv(cipherName, sealingKey(keyring, binding), nonce, {
    authTagLength: tagBytes,
  })
  decipher.setAAD(associatedData(header, binding.context))
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  const plain = decipher.update(bytes.subarray(nonceBytes, -tagBytes))
  try {
    decipher.final()
  } catch (cause) {
    throw unreadable('altered, or sealed for another binding', cause)
  }
  return plain
}

/** As {@link open}, for text. */
export function openText(keyring: Keyring, sealed: string, binding: SealBinding): string {
  return Buffer.from(open(keyring, sealed, binding)).toString('utf8')
}

/** The key id a value was sealed under, to find what a rotation must seal again. */
export function sealedKeyId(sealed: string): string | undefined {
  const [found, keyId, body, ...rest] = sealed.split('.', 4)
  return found === version && keyId && body && rest.length === 0 ? keyId : undefined
}

function readSealed(keyring: Keyring, sealed: string): { header: string; bytes: Buffer } {
  const keyId = sealedKeyId(sealed)
  if (keyId === undefined) throw unreadable('not an envelope of version hf1')
  if (keyId !== keyring.keyId) throw unreadable('sealed under another master key')
  const header = `${version}.${keyId}`
  const bytes = decodeBase64url(sealed.slice(header.length + 1))
  if (!bytes) throw unreadable('not canonical base64url')
  if (bytes.byteLength < nonceBytes + tagBytes) throw unreadable('too short')
  return { header, bytes }
}

function sealingKey(keyring: Keyring, binding: SealBinding): Buffer {
  return keyring.derive(`seal/${binding.purpose}`)
}

function plainBytes(plaintext: string | Uint8Array): Uint8Array {
  return typeof plaintext === 'string' ? utf8(plaintext) : plaintext
}

/** Header and context, each part led by its length in 32 bits: no two lists share an encoding. */
function associatedData(header: string, context: readonly string[]): Buffer {
  const parts: Buffer[] = []
  for (const part of [header, ...context]) {
    const bytes = utf8(part)
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.byteLength)
    parts.push(length, bytes)
  }
  return Buffer.concat(parts)
}

function utf8(text: string): Buffer {
  if (!text.isWellFormed()) throw new TypeError('Text with a lone surrogate cannot be sealed.')
  return Buffer.from(text, 'utf8')
}

function unreadable(reason: string, cause?: unknown): Error {
  return cryptoErrors.sealed_unreadable({ cause: new Error(reason, { cause }) })
}
