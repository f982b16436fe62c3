import { createPublicKey, type JsonWebKeyInput } from 'node:crypto'

/** Labels of COSE keys (RFC 9052 section 7.1, RFC 9053 section 7.1, RFC 8230 section 4). */
const labels = { kty: 1, alg: 3, curve: -1, x: -2, y: -3, modulus: -1, exponent: -2 }

/** A decoded COSE key. */
export interface CoseKey {
  get(label: number): unknown
}

/**
 * Whether a key can verify signatures of its algorithm, as section 5.8.5 has it: ES256 on P-256 and a
 * point of it, EdDSA on Ed25519, RS256 with 2,048 to 8,192 bits. A passkey with any other would be
 * registered and never sign anybody in.
 */
export function isUsableKey(key: CoseKey): boolean {
  const jwk = jwkOf(key)
  if (!jwk) return false
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' })
    const bits = asymmetricKeyDetails?.modulusLength
    return bits === undefined || (bits >= 2_048 && bits <= 8_192)
  } catch {
    return false
  }
}

/** The COSE number of the algorithm that a key is for. */
export function algorithmOf(key: CoseKey): unknown {
  return key.get(labels.alg)
}

function jwkOf(key: CoseKey): JsonWebKeyInput['key'] | undefined {
  const text = (label: number) => {
    const value = key.get(label)
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : ''
  }
  const kind = [key.get(labels.alg), key.get(labels.kty), key.get(labels.curve)]
  if (isKind(kind, [-7, 2, 1])) {
    return { kty: 'EC', crv: 'P-256', x: text(labels.x), y: text(labels.y) }
  }
  if (isKind(kind, [-8, 1, 6])) return { kty: 'OKP', crv: 'Ed25519', x: text(labels.x) }
  if (!isKind(kind.slice(0, 2), [-257, 3])) return undefined
  return { kty: 'RSA', n: text(labels.modulus), e: text(labels.exponent) }
}

function isKind(kind: readonly unknown[], wanted: readonly number[]): boolean {
  return wanted.every((value, index) => kind[index] === value)
}
