import { createSecretKey, type KeyObject } from 'node:crypto'
import { cryptoErrors } from './errors.ts'
import { hkdfSha256 } from './mac.ts'

/** The source of every key of the process. One master key now; a vault may hold several later. */
export interface Keyring {
  /** Public fingerprint of the master key, 12 characters; tells which key sealed a value. */
  readonly keyId: string
  /**
   * The 32-byte key of one purpose: HKDF-SHA256 (RFC 5869) with info `holdfast/v1/<purpose>`.
   * Keys of different purposes are independent; none leads back to the master key. The same
   * buffer comes back each time: never write to it.
   *
   * @param purpose lower-case letters, digits and `- _ . / :`, at most 64, fixed in code and never
   *   from a request. Anything else throws TypeError.
   */
  derive(purpose: string): Buffer
  /** The key of {@link derive}, wrapped once: wrapping costs more than a cipher over a short text. */
  deriveSecret(purpose: string): KeyObject
}

const minimumBytes = 32
const hex = /^(?:[0-9a-f]{2})+$/i
const base64 = /^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})$/
const purposeShape = /^[a-z0-9][a-z0-9\-_./:]{0,63}$/

/**
 * Reads a master key from its text: hex when it can be read so, otherwise base64 or base64url with
 * or without padding; white space around it is ignored. Undefined when it is malformed or shorter
 * than 32 bytes. Hex of 32 bytes is never mistaken for base64 of 48.
 */
export function decodeMasterKey(text: string): Buffer | undefined {
  const trimmed = text.trim()
  if (!hex.test(trimmed) && !base64.test(trimmed)) return undefined
  const bytes = Buffer.from(trimmed, hex.test(trimmed) ? 'hex' : 'base64')
  return bytes.byteLength >= minimumBytes ? bytes : undefined
}

/**
 * Opens the keyring of a master key (32 random bytes or more as base64, base64url or hex). Throws
 * `master_key_invalid` otherwise; the message never holds the key. Derived keys are kept inside the
 * instance, so a purpose costs one derivation.
 */
export function createKeyring(masterKey: string): Keyring {
  const master = decodeMasterKey(masterKey)
  if (!master) throw cryptoErrors.master_key_invalid()
  const derived = new Map<string, Buffer>()
  const wrapped = new Map<string, KeyObject>()
  const derive = (purpose: string): Buffer => {
    const known = derived.get(purpose)
    if (known) return known
    if (!purposeShape.test(purpose)) throw new TypeError('A key purpose is a short fixed name.')
    const key = expand(master, `holdfast/v1/${purpose}`, 32)
    derived.set(purpose, key)
    return key
  }
  return Object.freeze({
    // Outside the `holdfast/v1/` name space, so that no purpose can ever yield these bytes.
    keyId: expand(master, 'holdfast/key-id/v1', 9).toString('base64url'),
    derive,
    deriveSecret(purpose: string): KeyObject {
      const known = wrapped.get(purpose)
      if (known) return known
      const key = createSecretKey(derive(purpose))
      wrapped.set(purpose, key)
      return key
    },
  })
}

function expand(master: Buffer, info: string, length: number): Buffer {
  return hkdfSha256({ key: master, salt: '', info, length })
}
