import { hmacSha256 } from '../crypto/index.ts'

/**
 * Twelve bits of a keyed hash of a password (NFC). Sign-in uses them to find, without hashing once for
 * each, which waiting registration a password may belong to. So few bits tell next to nothing even to
 * somebody who holds the key: one guess in 4,096 passes.
 */
export function passwordTag(key: Uint8Array, password: string): number {
  return hmacSha256(key, password.normalize('NFC')).readUInt16BE(0) & 0xfff
}
