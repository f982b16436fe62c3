import { randomBytes } from 'node:crypto'
import { signCompact } from '../src/crypto/jws.ts'
import { type JwtExpectations, type JwtVerdict, verifyJwt } from '../src/crypto/jwt.ts'
import {
  generateSigningKey,
  namedSecretKey,
  type SigningKey,
  type VerificationKey,
  verificationKey,
} from '../src/crypto/jwt-keys.ts'

export const now = 1_800_000_000
export const issuer = 'https://auth.example.com'
export const audience = 'https://api.example.com'
export const signers = {
  EdDSA: generateSigningKey('EdDSA'),
  ES256: generateSigningKey('ES256'),
  HS256: namedSecretKey('hs-1', randomBytes(32)),
}
export const algorithms = ['EdDSA', 'ES256', 'HS256'] as const
export const keys: ReadonlyMap<string, VerificationKey> = new Map(
  Object.values(signers).map((key) => [key.kid, verificationKey(key)]),
)
export const expected: JwtExpectations = {
  keys,
  issuer,
  audience,
  typ: 'at+jwt',
  nowSeconds: now,
  leewaySeconds: 60,
  requiredClaims: ['sub', 'jti'],
}
export const claims = {
  iss: issuer,
  aud: audience,
  exp: now + 900,
  iat: now,
  sub: 'user-1',
  jti: 'token-1',
}

/** Encodes text or bytes as a segment is written. */
export const base64url = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')
export const headerOf = (key: SigningKey, changes: object = {}) => ({
  alg: key.alg,
  typ: 'at+jwt',
  kid: key.kid,
  ...changes,
})

/** Signs any header and payload, however wrong, with a real key. */
export function signRaw(
  key: SigningKey,
  header: string | Uint8Array,
  payload: string | Uint8Array,
): string {
  const signed = `${base64url(header)}.${base64url(payload)}`
  return `${signed}.${signCompact(signed, key)}`
}

export function signClaims(changes: object, key: SigningKey = signers.EdDSA): string {
  return signRaw(key, JSON.stringify(headerOf(key)), JSON.stringify({ ...claims, ...changes }))
}

export const reasonOf = (verdict: JwtVerdict) => (verdict.ok ? 'accepted' : verdict.reason)
export const check = (token: string, changes: Partial<JwtExpectations> = {}) =>
  reasonOf(verifyJwt(token, { ...expected, ...changes }))
