import type { Keyring } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { Throttle } from '../throttle/index.ts'

export interface FactorParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly throttle: Throttle
  /** What authenticator apps call the product. */
  readonly issuer: string
  /** Steps of 30 seconds ahead of our clock that are taken as well. */
  readonly future: 0 | 1
}

/** How a factor of this room is proven. */
export type CodeMethod = 'totp' | 'recovery_code'

/** One code as somebody typed it, of any length. */
export interface CodeGuess {
  readonly userId: string
  readonly method: CodeMethod
  readonly code: string
}

/** For whom an authenticator app is set up. */
export interface TotpHolder {
  readonly userId: string
  /** What the app shows: the address of the account. */
  readonly account: string
  /** The session or the sign-in that asks: it alone is shown the secret again. Undefined for code. */
  readonly holder?: string | undefined
}

/** What an authenticator app needs to know. Holds the secret: shown to its owner while it waits, never logged. */
export interface TotpSetup {
  /** Base32 (RFC 4648). */
  readonly secret: string
  /** The secret in groups of four. */
  readonly manualEntry: string
  readonly otpauthUrl: string
  /** `qrSvg` as a `data:` address. */
  readonly qrCode: string
  readonly qrSvg: string
}

/** What of this room was taken back. */
export interface RemovedFactors {
  readonly totp: boolean
  readonly recoveryCodes: boolean
}

/** What of this room an account has. */
export interface FactorStatus {
  /** Epoch milliseconds; null when no authenticator app is enrolled. */
  readonly totp: { readonly since: number } | null
  readonly recoveryCodesLeft: number
}
