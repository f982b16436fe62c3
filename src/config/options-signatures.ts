import type { Duration } from './duration.ts'

/** Signed requests (RFC 9421). */
export interface SignatureOptions {
  /** How long after it was made a signature counts. Within it, each counts once. */
  readonly window?: Duration
  /** Keys of the programs that sign requests, under the `keyid` that they send. */
  readonly keys?: Readonly<Record<string, SignatureKeyOptions>>
}

/** A key that verifies the requests of one program. Exactly one of `publicKey` and `secret`. */
export interface SignatureKeyOptions {
  /** The one algorithm that the key is used with; what a request says never chooses it. */
  readonly algorithm: 'ed25519' | 'ecdsa-p256-sha256' | 'hmac-sha256' | 'rsa-pss-sha512'
  /** The public key as PEM. For every algorithm but `hmac-sha256`. */
  readonly publicKey?: string
  /** The shared secret of `hmac-sha256`: at least 32 random bytes, base64url or hex. */
  readonly secret?: string
}
