import { createHmac, hkdfSync, type KeyObject } from 'node:crypto'

/** HMAC-SHA256 (RFC 2104, FIPS 198-1): 32 bytes; text counts as UTF-8. Compare by equalSecrets. */
export function hmacSha256(key: Uint8Array | KeyObject, message: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest()
}

export interface HkdfInput {
  readonly key: Uint8Array
  readonly salt: string | Uint8Array
  readonly info: string | Uint8Array
  /** Bytes to make, at most 8,160 (RFC 5869 section 2.3); more throws RangeError. */
  readonly length: number
}

/** HKDF-SHA256 (RFC 5869): independent keys from one strong key, told apart by `info`. */
export function hkdfSha256({ key, salt, info, length }: HkdfInput): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, length))
}
