import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { decodeBase64url } from './base64url.ts'

/** `EdDSA` is Ed25519 (RFC 8037), `ES256` is ECDSA on P-256, `HS256` HMAC-SHA256 (RFC 7518). */
export type JwtAlgorithm = 'EdDSA' | 'ES256' | 'HS256'
export type AsymmetricAlgorithm = Exclude<JwtAlgorithm, 'HS256'>

/** A private or shared key with the one algorithm it is for. Never serialises: `key` is opaque. */
export interface SigningKey {
  readonly kind: 'signing'
  readonly alg: JwtAlgorithm
  readonly kid: string
  readonly key: KeyObject
}

/** What checks signatures of one key, and by which algorithm alone. */
export interface VerificationKey {
  readonly kind: 'verification'
  readonly alg: JwtAlgorithm
  readonly kid: string
  readonly key: KeyObject
}

/** A member of a JWK set (RFC 7517): public by construction. */
export interface PublicJwk {
  readonly kty: 'OKP' | 'EC'
  readonly crv: 'Ed25519' | 'P-256'
  readonly x: string
  readonly y?: string
  readonly alg: AsymmetricAlgorithm
  readonly use: 'sig'
  /** RFC 7638 thumbprint, SHA-256. */
  readonly kid: string
}

const minimumSecretBytes = 32
const secretName = /^[A-Za-z0-9._-]{1,64}$/

/** Makes a new key pair; its `kid` is its RFC 7638 thumbprint. */
export function generateSigningKey(alg: AsymmetricAlgorithm): SigningKey {
  const pair =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return signingKey(alg, pair.privateKey)
}

/**
 * A shared HS256 key under a name of its own. At least 32 bytes (RFC 7518 section 3.2), else
 * TypeError. It never appears in a key set: {@link publicJwk} refuses it.
 */
export function namedSecretKey(name: string, secret: Uint8Array): SigningKey {
  if (!secretName.test(name))
    throw new TypeError('The name of a secret key is 1-64 of A-Za-z0-9._-')
  if (secret.byteLength < minimumSecretBytes) throw new TypeError('HS256 needs 32 bytes or more.')
  return Object.freeze({ kind: 'signing', alg: 'HS256', kid: name, key: createSecretKey(secret) })
}

/** The private key as PKCS #8 DER. Seal it before it goes anywhere. Throws TypeError for HS256. */
export function exportPrivateKey(key: SigningKey): Uint8Array {
  if (key.alg === 'HS256') throw new TypeError('A shared secret has no PKCS #8 form.')
  return key.key.export({ format: 'der', type: 'pkcs8' })
}

/** Reads what {@link exportPrivateKey} wrote. Throws TypeError when it is not a key for `alg`. */
export function importPrivateKey(alg: AsymmetricAlgorithm, der: Uint8Array): SigningKey {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength)
  return signingKey(
    alg,
    readKey(() => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })),
  )
}

/** The half that checks what `key` signs; for HS256 it is the same shared secret. */
export function verificationKey(key: SigningKey): VerificationKey {
  const half = key.alg === 'HS256' ? key.key : createPublicKey(key.key)
  return Object.freeze({ kind: 'verification', alg: key.alg, kid: key.kid, key: half })
}

/** The public half for a key set. Throws TypeError for HS256: a shared secret is never published. */
export function publicJwk(key: SigningKey | VerificationKey): PublicJwk {
  if (key.alg === 'HS256') throw new TypeError('A shared secret is never published.')
  const half = key.key.type === 'private' ? createPublicKey(key.key) : key.key
  return describe(key.alg, half)
}

/**
 * Reads a public key of our own key sets (stored or published by {@link publicJwk}). Throws
 * TypeError unless type, curve, algorithm, use and thumbprint all agree, the point lies on the
 * curve, and no private member is there.
 */
export function importPublicJwk(jwk: Readonly<Record<string, unknown>>): VerificationKey {
  const alg = jwk.alg
  if (alg !== 'EdDSA' && alg !== 'ES256') throw new TypeError('Not an algorithm of ours.')
  if ('d' in jwk || jwk.use !== 'sig') throw new TypeError('Not a public signing key.')
  if (!isCanonical(jwk.x) || !isCanonical(jwk.y ?? '')) throw new TypeError('Not base64url.')
  const key = readKey(() => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }))
  requireCurve(alg, key)
  const { kid } = describe(alg, key)
  if (jwk.kid !== kid) throw new TypeError('The kid is not the thumbprint of the key.')
  return Object.freeze({ kind: 'verification', alg, kid, key })
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    return read()
  } catch {
    // The cause may quote the key.
    throw new TypeError('Not a key.')
  }
}

function isCanonical(member: unknown): boolean {
  return typeof member === 'string' && decodeBase64url(member) !== undefined
}

function signingKey(alg: AsymmetricAlgorithm, key: KeyObject): SigningKey {
  requireCurve(alg, key)
  return Object.freeze({ kind: 'signing', alg, kid: describe(alg, createPublicKey(key)).kid, key })
}

function requireCurve(alg: AsymmetricAlgorithm, key: KeyObject): void {
  const fits =
    alg === 'EdDSA'
      ? key.asymmetricKeyType === 'ed25519'
      : key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  if (!fits) throw new TypeError(`Not a key for ${alg}.`)
}

function describe(alg: AsymmetricAlgorithm, key: KeyObject): PublicJwk {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  // RFC 7638 section 3.2: the required members alone, in this order, no white space.
  if (alg === 'EdDSA') {
    const members = { crv: 'Ed25519', kty: 'OKP', x } as const
    return { ...members, alg, use: 'sig', kid: thumbprint(members) }
  }
  const members = { crv: 'P-256', kty: 'EC', x, y } as const
  return { ...members, alg, use: 'sig', kid: thumbprint(members) }
}

function thumbprint(members: Readonly<Record<string, string>>): string {
  return hash('sha256', JSON.stringify(members), 'base64url')
}
