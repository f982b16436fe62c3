import type { Duration } from './duration.ts'

/** Second factors: who needs one, and what spares it. */
export interface MfaOptions {
  /** `everyone`: nobody gets a session by a password alone; who has no second factor yet enrols one first. `optional`: whoever has enrolled one is asked for it. */
  readonly required?: 'optional' | 'everyone'
  /** Roles whose holders need a second factor as if it were required of everyone. */
  readonly roles?: readonly string[]
  /** How long somebody of whom a second factor is required still signs in without one, from the first sign-in on that asked for it; once, until the first one is enrolled. Absent: not at all. */
  readonly grace?: Duration
  /** For how long a browser may be trusted so that a sign-in from it is not asked for the second factor; at most 30 days. Absent: never. Whoever needs a second factor by `required` or `roles` is always asked. */
  readonly trustedDevices?: Duration
  /** Whether two administrators are needed to reset somebody's second factors. */
  readonly fourEyes?: boolean
}

/** Codes of authenticator apps (RFC 6238). */
export interface TotpOptions {
  /** Steps of 30 seconds ahead of our clock that are taken as well, for phones that run fast. */
  readonly future?: number
}

/** Passkeys (WebAuthn Level 3). */
export interface PasskeyOptions {
  /** `required`: the authenticator checks its user, so a passkey is two factors at once. `preferred`: one that does not is taken as second factor beside a password, and never alone. */
  readonly userVerification?: 'required' | 'preferred'
  /** `direct` asks authenticators what they are and checks the signature of their answer; browsers warn people of it. */
  readonly attestation?: 'none' | 'direct'
  /** Models (AAGUIDs) that may be registered, in small letters. Needs `attestation: 'direct'`. Empty: all. */
  readonly models?: readonly string[]
}
