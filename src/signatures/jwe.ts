import {
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import { decodeBase64url } from '../crypto/index.ts'
import { defaultJsonBounds, readJson } from '../http/index.ts'

/** Curves on which fields are encrypted. */
export type EncryptionCurve = 'P-256' | 'X25519'

/** A private key that opens what was encrypted to its public half. */
export interface DecryptionKey {
  readonly curve: EncryptionCurve
  readonly key: KeyObject
}

const longestJwe = 128 * 1_024
const managements = ['ECDH-ES', 'ECDH-ES+A256KW'] as const
type Management = (typeof managements)[number]

interface PublicPoint {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
}

/** A compact JWE that has been read and not yet opened. */
export interface SealedField {
  readonly alg: Management
  readonly kid: string
  /** What the sender encrypted it for. */
  readonly audience: string
  /** Whose it is: the account that may have it opened. */
  readonly subject: string
  /** When it was encrypted. Whole seconds since 1970. */
  readonly issuedAt: number
  readonly point: PublicPoint
  /** Header as it came: it is authenticated with the text. */
  readonly header: string
  readonly encryptedKey: Buffer
  readonly iv: Buffer
  readonly text: Buffer
  readonly tag: Buffer
}

/**
 * Reads a compact JWE (RFC 7516 section 7.1) strictly: five segments of canonical base64url, at most
 * 128 KB; `ECDH-ES` or `ECDH-ES+A256KW` with `A256GCM`; and of headers exactly `alg`, `enc`, `kid`, `aud`,
 * `sub`, `iat` and `epk`. So there is no `zip` that could swell, no `p2c` that could cost, no `crit`, and nothing that
 * points to a key.
 */
export function readJwe(jwe: string): SealedField | undefined {
  if (jwe.length > longestJwe) return undefined
  const segments = jwe.split('.')
  const [header, encryptedKey, iv, text, tag] = segments.map((one) => decodeBase64url(one))
  if (segments.length !== 5 || !header || !encryptedKey || !iv || !text || !tag) return undefined
  if (iv.byteLength !== 12 || tag.byteLength !== 16) return undefined
  const named = readHeader(header)
  if (!named || encryptedKey.byteLength !== (named.alg === 'ECDH-ES' ? 0 : 40)) return undefined
  return { ...named, header: segments[0] ?? '', encryptedKey, iv, text, tag }
}

function readHeader(
  bytes: Buffer,
): Pick<SealedField, 'alg' | 'kid' | 'audience' | 'subject' | 'issuedAt' | 'point'> | undefined {
  const outcome = readJson(bytes, defaultJsonBounds)
  if (!outcome.ok || !isRecord(outcome.value)) return undefined
  const { alg, aud, enc, epk, iat, kid, sub, ...others } = outcome.value
  const management = managements.find((one) => one === alg)
  const point = readPoint(epk)
  if (!management || enc !== 'A256GCM' || !point) return undefined
  if (typeof kid !== 'string' || typeof aud !== 'string') return undefined
  if (typeof sub !== 'string' || typeof iat !== 'number' || !Number.isSafeInteger(iat)) {
    return undefined
  }
  if (Object.keys(others).length > 0) return undefined
  return { alg: management, kid, audience: aud, subject: sub, issuedAt: iat, point }
}

function readPoint(value: unknown): PublicPoint | undefined {
  if (!isRecord(value)) return undefined
  const { crv, kty, x, y, ...others } = value
  if (typeof crv !== 'string' || typeof kty !== 'string' || typeof x !== 'string') return undefined
  if (Object.keys(others).length > 0) return undefined
  if (y === undefined) return { crv, kty, x }
  return typeof y === 'string' ? { crv, kty, x, y } : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Opens a field with the key that it names. Undefined for everything that does not open, whatever the
 * cause: a point off the curve or of small order, another key, a changed header, text or tag.
 */
export function openField(field: SealedField, { curve, key }: DecryptionKey): Buffer | undefined {
  try {
    if (field.point.crv !== curve) return undefined
    const publicKey = createPublicKey({ key: { ...field.point }, format: 'jwk' })
    const shared = diffieHellman({ privateKey: key, publicKey })
    const contentKey = contentKeyOf(field, shared)
    const decipher = createDecipheriv('aes-256-gcm', contentKey, field.iv, { authTagLength: 16 })
    decipher.setAAD(Buffer.from(field.header, 'latin1')).setAuthTag(field.tag)
    return Buffer.concat([decipher.update(field.text), decipher.final()])
  } catch {
    return undefined
  }
}

/** Direct agreement gives the key itself, the other the key that wraps it (RFC 7518 section 4.6). */
function contentKeyOf({ alg, encryptedKey }: SealedField, shared: Buffer): Buffer {
  if (alg === 'ECDH-ES') return concatKdf(shared, 'A256GCM')
  const unwrap = createDecipheriv('id-aes256-wrap', concatKdf(shared, alg), keyWrapIv)
  return Buffer.concat([unwrap.update(encryptedKey), unwrap.final()])
}

/** Fixed by RFC 3394 section 2.2.3.1; checking it is what authenticates the key. */
const keyWrapIv = Buffer.alloc(8, 0xa6)
const keyBits = 256

/** Concat KDF of NIST SP 800-56A with SHA-256, one round: 256 bits, no party information. */
function concatKdf(shared: Buffer, algorithm: string): Buffer {
  const name = Buffer.from(algorithm)
  const info = [uint32(name.byteLength), name, uint32(0), uint32(0), uint32(keyBits)]
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), shared, ...info]))
    .digest()
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
