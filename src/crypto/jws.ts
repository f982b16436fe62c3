import { sign, timingSafeEqual, verify } from 'node:crypto'
import { decodeBase64url } from './base64url.ts'
import type { JwtAlgorithm, SigningKey, VerificationKey } from './jwt-keys.ts'
import { hmacSha256 } from './mac.ts'
import { parseStrictObject, type StrictObject } from './strict-json.ts'

/** A compact JWS that has been read and not yet believed. */
export interface UnverifiedJws {
  readonly alg: string
  readonly kid: string
  readonly typ: string | undefined
  /** The signed characters: header and payload as they came. */
  readonly signed: string
  readonly payload: Buffer
  readonly signature: Buffer
}

/** Longest token that is read at all, in characters. */
export const maximumTokenLength = 8_192

const signatureBytes: Readonly<Record<JwtAlgorithm, number>> = { EdDSA: 64, ES256: 64, HS256: 32 }

const ownHeader = /^\{"alg":"(\w+)","typ":"([\w+]+)","kid":"([\w.-]+)"\}$/

/**
 * Reads a compact JWS (RFC 7515 section 7.1) strictly: three segments of canonical base64url, at
 * most 8 KB, a header of exactly the members we write. `alg` and `kid` are there, `typ` may be, and
 * any other member refuses the token: `crit`, `b64`, `zip`, and all that point to a key (`jku`,
 * `jwk`, `x5u`, `x5c`). Nothing here fetches, and the algorithm is never taken from here.
 */
export function readJws(token: string): UnverifiedJws | undefined {
  if (token.length > maximumTokenLength) return undefined
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  if (first < 0 || second < 0) return undefined
  const header = decodeBase64url(token.slice(0, first))
  const payload = decodeBase64url(token.slice(first + 1, second))
  const signature = decodeBase64url(token.slice(second + 1))
  if (!header || !payload || !signature) return undefined
  const named = readOwnHeader(header) ?? readHeader(parseStrictObject(header))
  return named && { ...named, signed: token.slice(0, second), payload, signature }
}

type NamedHeader = Pick<UnverifiedJws, 'alg' | 'kid' | 'typ'>

/** The very text that signJwt writes, read without the cost of JSON. */
function readOwnHeader(header: Buffer): NamedHeader | undefined {
  const [, alg, typ, kid] = ownHeader.exec(header.toString('latin1')) ?? []
  return alg !== undefined && typ !== undefined && kid !== undefined ? { alg, kid, typ } : undefined
}

function readHeader(header: StrictObject | undefined): NamedHeader | undefined {
  if (!header) return undefined
  const { alg, kid, typ, ...others } = header
  if (typeof alg !== 'string' || typeof kid !== 'string') return undefined
  if (typ !== undefined && typeof typ !== 'string') return undefined
  return Object.keys(others).length === 0 ? { alg, kid, typ } : undefined
}

/** Whether `key` signed it, by the key's own algorithm. Compared in constant time for HS256. */
export function verifySignature(jws: UnverifiedJws, key: VerificationKey): boolean {
  if (jws.alg !== key.alg || jws.signature.byteLength !== signatureBytes[key.alg]) return false
  if (key.alg === 'HS256') return timingSafeEqual(hmacSha256(key.key, jws.signed), jws.signature)
  const signed = Buffer.from(jws.signed, 'latin1')
  if (key.alg === 'EdDSA') return verify(null, signed, key.key, jws.signature)
  return verify('sha256', signed, { key: key.key, dsaEncoding: 'ieee-p1363' }, jws.signature)
}

/** Signs the characters of header and payload; the signature as base64url. */
export function signCompact(signed: string, key: SigningKey): string {
  if (key.alg === 'HS256') return hmacSha256(key.key, signed).toString('base64url')
  const bytes = Buffer.from(signed, 'latin1')
  const signature =
    key.alg === 'EdDSA'
      ? sign(null, bytes, key.key)
      : sign('sha256', bytes, { key: key.key, dsaEncoding: 'ieee-p1363' })
  return signature.toString('base64url')
}
