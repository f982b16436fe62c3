import type { Origin } from '../events/index.ts'
import type { Transport } from '../sessions/index.ts'

/** Who asks, as every door is told it. */
export interface Asking {
  /** Tokens of the device cookie, once their tags were verified. */
  readonly devices: readonly string[]
  /** What the client's limits are kept by. */
  readonly clientKey: string
  readonly origin: Origin
  /** Among whose accounts; absent: those of no isolated organisation. */
  readonly realm?: string | undefined
}

/** One attempt to sign in with a password. */
export interface PasswordSignIn extends Asking {
  /** E-mail address or username, as typed. */
  readonly identifier: string
  readonly password: string
  /** A code that finishes the sign-in at once: six digits of an app, else a recovery code. */
  readonly mfaCode?: string | undefined
  /** Solution of the challenge that an earlier attempt was answered with. */
  readonly captcha?: string | undefined
  readonly transport: Transport
}

/** What `navigator.credentials` gave, as `PublicKeyCredential.toJSON()` writes it. */
export type CredentialJson = Readonly<Record<string, unknown>>

/** Proof of a second factor. */
export type SecondProof =
  | { readonly method: 'totp' | 'recovery_code'; readonly code: string }
  | { readonly method: 'passkey'; readonly response: CredentialJson }

/** Which sign-in goes on, and in which browser. */
export interface FlowRequest {
  /** Opaque, from `mfa_required`. */
  readonly flow: string
  /** Token of the flow cookie, or the user agent of a native client; undefined where there is neither. */
  readonly browser: string | undefined
  /** Among whose accounts; absent: those of no isolated organisation. */
  readonly realm?: string | undefined
}

/** An authenticator app to be set up, or with `again` what was given for it, once more. */
export interface TotpSetupRequest extends FlowRequest {
  readonly again?: boolean | undefined
}

/** The second step of a sign-in. */
export interface FactorSignIn extends FlowRequest, Asking {
  readonly proof: SecondProof
  /** Spare this browser the second factor for a while, where that is allowed. */
  readonly trustDevice?: boolean | undefined
}

/** A sign-in with a passkey alone; nobody is named. */
export interface PasskeySignIn extends Asking {
  readonly response: CredentialJson
  readonly browser: string | undefined
  readonly transport: Transport
}

/** The first code of a new authenticator app, in an enrolment flow. */
export interface TotpEnrolment extends FlowRequest, Asking {
  readonly code: string
}

/** A new passkey, in an enrolment flow. */
export interface PasskeyEnrolment extends FlowRequest, Asking {
  readonly response: CredentialJson
  readonly name?: string | undefined
}
