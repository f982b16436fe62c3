import type { Secret } from './secret.ts'

/** Signed requests. */
export interface SignatureConfig {
  readonly windowMs: number
  readonly keys: Readonly<Record<string, SignatureKeyConfig>>
}

/** The key of one program. */
export interface SignatureKeyConfig {
  readonly algorithm: 'ed25519' | 'ecdsa-p256-sha256' | 'hmac-sha256' | 'rsa-pss-sha512'
  /** Set exactly where `secret` is not. */
  readonly publicKey?: string
  /** Set exactly for `hmac-sha256`. */
  readonly secret?: Secret
}
