import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'

/** Algorithms of RFC 9421 section 3.3 that are taken. */
export type SignatureAlgorithm = 'ed25519' | 'ecdsa-p256-sha256' | 'hmac-sha256' | 'rsa-pss-sha512'

/** A key together with the one algorithm it is used with; what a message says never chooses it. */
export interface SignatureKey {
  readonly algorithm: SignatureAlgorithm
  readonly key: KeyObject
}

/** A public key as a browser exports it. */
export interface PublicSigningJwk {
  readonly kty: 'OKP' | 'EC'
  readonly crv: 'Ed25519' | 'P-256'
  readonly x: string
  readonly y?: string | undefined
}

const leastSecretBytes = 32
const leastRsaBits = 2_048

/** A key for `algorithm`; undefined for a key of another kind, or one too weak for it. */
export function signatureKey(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
): SignatureKey | undefined {
  const fits = fitting[algorithm](key)
  return fits ? { algorithm, key } : undefined
}

const fitting: Readonly<Record<SignatureAlgorithm, (key: KeyObject) => boolean>> = {
  ed25519: (key) => key.asymmetricKeyType === 'ed25519',
  'ecdsa-p256-sha256': (key) =>
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
  'hmac-sha256': (key) => key.type === 'secret' && (key.symmetricKeySize ?? 0) >= leastSecretBytes,
  'rsa-pss-sha512': (key) =>
    (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'rsa-pss') &&
    (key.asymmetricKeyDetails?.modulusLength ?? 0) >= leastRsaBits,
}

/** The key of a PEM public key, or of the bytes of a shared secret. Undefined where it does not fit. */
export function importSignatureKey(
  algorithm: SignatureAlgorithm,
  material: string | Uint8Array,
): SignatureKey | undefined {
  try {
    const key = typeof material === 'string' ? createPublicKey(material) : createSecretKey(material)
    return signatureKey(algorithm, key)
  } catch {
    return undefined
  }
}

/** The key of a public JWK; undefined for a point that is not on its curve, and for any other kind. */
export function importSigningJwk({ crv, kty, x, y }: PublicSigningJwk): SignatureKey | undefined {
  const algorithm = kty === 'OKP' && crv === 'Ed25519' ? 'ed25519' : 'ecdsa-p256-sha256'
  if (algorithm === 'ecdsa-p256-sha256' && (kty !== 'EC' || crv !== 'P-256')) return undefined
  try {
    const jwk = { kty, crv, x, ...(y === undefined ? {} : { y }) }
    return signatureKey(algorithm, createPublicKey({ key: jwk, format: 'jwk' }))
  } catch {
    return undefined
  }
}

/** RFC 7638: the name of a public key that both sides can compute. SHA-256, base64url. */
export function jwkThumbprint(jwk: {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string | undefined
}): string {
  const { crv, kty, x, y } = jwk
  const members = y === undefined || kty === 'OKP' ? { crv, kty, x } : { crv, kty, x, y }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

/** Whether `key` made `signature` of `base`; a shared secret's is compared in constant time. */
export function isSignedBy(
  { algorithm, key }: SignatureKey,
  base: Buffer,
  signature: Buffer,
): boolean {
  if (algorithm === 'hmac-sha256') {
    const expected = createHmac('sha256', key).update(base).digest()
    return signature.byteLength === expected.byteLength && timingSafeEqual(expected, signature)
  }
  if (algorithm === 'ed25519')
    return signature.byteLength === 64 && verify(null, base, key, signature)
  if (algorithm === 'ecdsa-p256-sha256') {
    if (signature.byteLength !== 64) return false
    return verify('sha256', base, { key, dsaEncoding: 'ieee-p1363' }, signature)
  }
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
  return verify('sha512', base, { key, ...padding }, signature)
}

/** Signs `base`. RSA is for verifying alone: there is no reason to begin with it. */
export function signBase({ algorithm, key }: SignatureKey, base: Buffer): Buffer {
  if (algorithm === 'hmac-sha256') return createHmac('sha256', key).update(base).digest()
  if (algorithm === 'ed25519') return sign(null, base, key)
  if (algorithm === 'ecdsa-p256-sha256') {
    return sign('sha256', base, { key, dsaEncoding: 'ieee-p1363' })
  }
  throw new TypeError('Signing with rsa-pss-sha512 is not offered; use ed25519.')
}
