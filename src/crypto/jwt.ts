import {
  maximumTokenLength,
  readJws,
  signCompact,
  type UnverifiedJws,
  verifySignature,
} from './jws.ts'
import type { SigningKey, VerificationKey } from './jwt-keys.ts'
import { parseStrictObject, type StrictObject } from './strict-json.ts'

/** Claims of a JWT (RFC 7519 section 4.1). Instants are whole seconds since 1970. */
export interface JwtClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat?: number
  readonly nbf?: number
  readonly sub?: string
  readonly jti?: string
  readonly [claim: string]: unknown
}

export interface JwtContent {
  /** Kind of token, for example `at+jwt`; a token of one kind is never accepted as another. */
  readonly typ: string
  readonly claims: JwtClaims
}

export interface JwtExpectations {
  /** The keys that may have signed, by `kid`. Each is pinned to its own algorithm. */
  readonly keys: ReadonlyMap<string, VerificationKey>
  readonly issuer: string
  readonly audience: string
  /** Compared exactly with the header's `typ`. */
  readonly typ: string
  readonly nowSeconds: number
  /** How far clocks may differ, for `exp`, `nbf` and `iat`. */
  readonly leewaySeconds: number
  /** Claims that must be there besides `iss`, `aud` and `exp`, which always must. */
  readonly requiredClaims: readonly string[]
}

export type JwtRefusal =
  | 'malformed'
  | 'unknown_key'
  | 'signature'
  | 'expired'
  | 'not_yet'
  | 'claims'

export type JwtVerdict =
  | { readonly ok: true; readonly claims: JwtClaims }
  | { readonly ok: false; readonly reason: JwtRefusal }

/** The last second a Date can hold. */
const lastInstant = 8_640_000_000_000

/**
 * Signs a compact JWT (RFC 7519) with header `alg`, `typ`, `kid`. Synchronous: 50-100 us for an
 * asymmetric key. Throws RangeError when the token would be longer than 8 KB, which nobody accepts.
 */
export function signJwt(key: SigningKey, content: JwtContent): string {
  const header = encode({ alg: key.alg, typ: content.typ, kid: key.kid })
  const signed = `${header}.${encode(content.claims)}`
  const token = `${signed}.${signCompact(signed, key)}`
  if (token.length > maximumTokenLength) throw new RangeError('The claims do not fit in 8 KB.')
  return token
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')
}

/**
 * Verifies a compact JWT by RFC 8725: key and algorithm come from our own table, issuer, audience,
 * type and expiry must be there and match, and every malformed encoding is refused before anything
 * is believed. The claims are looked at only after the signature. Nothing throws for what a token
 * holds, and nothing is ever fetched.
 */
export function verifyJwt(token: string, expected: JwtExpectations): JwtVerdict {
  const jws = readJws(token)
  if (!jws) return refuse('malformed')
  const refusal = refuseSignature(jws, expected)
  if (refusal) return refuse(refusal)
  const claims = parseStrictObject(jws.payload)
  if (!claims) return refuse('malformed')
  if (!areComplete(claims, expected)) return refuse('claims')
  const untimely = refuseInstant(claims, expected)
  return untimely ? refuse(untimely) : { ok: true, claims }
}

function refuse(reason: JwtRefusal): JwtVerdict {
  return { ok: false, reason }
}

function refuseSignature(jws: UnverifiedJws, expected: JwtExpectations): JwtRefusal | undefined {
  const key = expected.keys.get(jws.kid)
  if (!key || key.alg !== jws.alg) return 'unknown_key'
  if (jws.typ !== expected.typ) return 'claims'
  return verifySignature(jws, key) ? undefined : 'signature'
}

function areComplete(claims: StrictObject, expected: JwtExpectations): claims is JwtClaims {
  return (
    claims.iss === expected.issuer &&
    isFor(claims.aud, expected.audience) &&
    isInstant(claims.exp) &&
    isAbsentOr(isInstant, claims.nbf) &&
    isAbsentOr(isInstant, claims.iat) &&
    isAbsentOr(isText, claims.sub) &&
    isAbsentOr(isText, claims.jti) &&
    expected.requiredClaims.every((name) => Object.hasOwn(claims, name) && claims[name] !== null)
  )
}

function isFor(aud: unknown, audience: string): boolean {
  if (!Array.isArray(aud)) return aud === audience
  return aud.every(isText) && aud.includes(audience)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= lastInstant
}

function isAbsentOr(test: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || test(value)
}

/** `exp` is the first second that is too late (RFC 7519 section 4.1.4). */
function refuseInstant(claims: JwtClaims, expected: JwtExpectations): JwtRefusal | undefined {
  const { nowSeconds, leewaySeconds } = expected
  if (claims.exp <= nowSeconds - leewaySeconds) return 'expired'
  const latest = nowSeconds + leewaySeconds
  return (claims.nbf ?? 0) > latest || (claims.iat ?? 0) > latest ? 'not_yet' : undefined
}
