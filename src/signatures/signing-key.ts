import { createPrivateKey, createPublicKey, KeyObject, webcrypto } from 'node:crypto'
import { types } from 'node:util'
import { signatureErrors } from './errors.ts'
import { type SignatureAlgorithm, signatureKey, signBase } from './keys.ts'

/** An algorithm that requests are signed with. */
export type SigningAlgorithm = Exclude<SignatureAlgorithm, 'rsa-pss-sha512'>

/**
 * What signs: a private key as PEM text, a private key or shared secret of node:crypto, or a key of
 * WebCrypto, which need not be extractable.
 */
export type SigningKey = string | KeyObject | webcrypto.CryptoKey

/** Signs bytes by one key and algorithm. */
export type Signer = (base: Buffer) => Buffer | Promise<Buffer>

/** A signer of `key`; throws `signature_key_unusable`, which says what is wrong and nothing of the key. */
export function signerOf(algorithm: SigningAlgorithm, key: SigningKey): Signer {
  if (!Object.hasOwn(webAlgorithms, algorithm)) {
    throw unusable(`algorithm is ${Object.keys(webAlgorithms).join(', ')}`)
  }
  if (types.isCryptoKey(key)) return webSigner(algorithm, key)
  const made = typeof key === 'string' ? privateKeyOf(algorithm, key) : key
  if (!(made instanceof KeyObject)) throw unusable('key is PEM text, a KeyObject or a CryptoKey')
  if (made.type === 'public') throw unusable('key is a public key; the private one signs')
  const fitting = signatureKey(algorithm, made)
  if (!fitting) throw misfit(algorithm)
  return (base) => signBase(fitting, base)
}

function privateKeyOf(algorithm: SigningAlgorithm, pem: string): KeyObject {
  if (algorithm === 'hmac-sha256') {
    throw unusable('a shared secret is no text; give createSecretKey(bytes) of node:crypto')
  }
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw unusable('the PEM needs a passphrase; give createPrivateKey({ key, passphrase })')
  }
  try {
    return createPrivateKey(pem)
  } catch {
    const isPublic = isPublicPem(pem)
    throw unusable(
      isPublic
        ? 'the PEM holds a public key; the private one signs'
        : 'the text is no private key in PEM',
    )
  }
}

function isPublicPem(pem: string): boolean {
  try {
    return createPublicKey(pem).type === 'public'
  } catch {
    return false
  }
}

const webAlgorithms = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256-sha256': { name: 'ECDSA', hash: 'SHA-256' },
  'hmac-sha256': { name: 'HMAC' },
} as const

function webSigner(algorithm: SigningAlgorithm, key: webcrypto.CryptoKey): Signer {
  if (key.type === 'public') throw unusable('key is a public key; the private one signs')
  if (!key.usages.includes('sign')) throw unusable("key was made without the usage 'sign'")
  if (!fitsWeb(algorithm, key.algorithm)) throw misfit(algorithm)
  return async (base) =>
    Buffer.from(await webcrypto.subtle.sign(webAlgorithms[algorithm], key, base))
}

/** What WebCrypto says of a key: it would sign with another curve or hash without a word. */
interface WebKeyAlgorithm {
  readonly name: string
  readonly namedCurve?: string
  readonly length?: number
  readonly hash?: { readonly name: string }
}

const leastSecretBits = 256

function fitsWeb(algorithm: SigningAlgorithm, made: WebKeyAlgorithm): boolean {
  if (made.name !== webAlgorithms[algorithm].name) return false
  if (algorithm === 'ecdsa-p256-sha256') return made.namedCurve === 'P-256'
  if (algorithm === 'ed25519') return true
  return made.hash?.name === 'SHA-256' && (made.length ?? 0) >= leastSecretBits
}

const needed: Readonly<Record<SigningAlgorithm, string>> = {
  ed25519: 'an Ed25519 key',
  'ecdsa-p256-sha256': 'an EC key on P-256',
  'hmac-sha256': 'a secret of at least 32 bytes, in WebCrypto for SHA-256',
}

function misfit(algorithm: SigningAlgorithm): Error {
  return unusable(`${algorithm} takes ${needed[algorithm]}`)
}

function unusable(explanation: string): Error {
  return signatureErrors.signature_key_unusable({ explanation: `signRequest: ${explanation}` })
}
