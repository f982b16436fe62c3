import { hmacSha256 } from '../crypto/index.ts'
import type { Random } from '../ports/index.ts'

/** Crockford's alphabet: no I, L, O, U, so that nothing is misread and nothing offends. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const letters = 10
const longestTyped = 64
/** Codes of one set. */
export const codesPerSet = 10

/** A new set: each code 50 random bits, written `XXXXX-XXXXX`. Shown once. */
export function newRecoveryCodes(random: Random): readonly string[] {
  const codes = new Set<string>()
  while (codes.size < codesPerSet) codes.add(newCode(random))
  return [...codes]
}

/** 256 is a multiple of 32, so the low five bits of a random byte favour no letter. */
function newCode(random: Random): string {
  const text = Array.from(random.bytes(letters), (byte) => alphabet[byte & 31]).join('')
  return `${text.slice(0, 5)}-${text.slice(5)}`
}

/**
 * The one form of a code as typed: case, spaces and hyphens do not matter, O is 0, I and L are 1.
 * Undefined for what cannot be a code. Only ASCII counts: `ı` is no I, though its capital is.
 */
export function readRecoveryCode(typed: string): string | undefined {
  if (typed.length > longestTyped) return undefined
  const bare = typed.replace(/[ -]/g, '')
  if (!/^[0-9A-Za-z]{10}$/.test(bare)) return undefined
  const code = bare.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
  return code.includes('U') ? undefined : code
}

/**
 * What the database keeps of a code: HMAC-SHA-256 under a key that is not in it, bound to the account.
 * A dump alone does not allow to search the 50 bits, and a row moved to another account opens nothing.
 *
 * @param code as `readRecoveryCode` gives it
 */
export function hashRecoveryCode(key: Uint8Array, userId: string, code: string): string {
  return hmacSha256(key, `${userId}\0${code}`).toString('base64url')
}
