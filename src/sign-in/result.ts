import type { FactorMethod } from '../assurance/index.ts'
import type { Transport } from '../sessions/index.ts'
import type { UserProfile } from '../users/index.ts'
import type { SignInDecision } from './decide.ts'

/** An account as its owner sees it, with what it may do. */
export interface SignedInUser extends UserProfile {
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** A session was issued. Which secrets are there depends on the transport. */
export interface SignedIn {
  readonly status: 'signed_in'
  readonly user: SignedInUser
  readonly sessionId: string
  readonly transport: Transport
  /** Absent for transport `session`. */
  readonly accessToken?: string
  /** Life of the access token in seconds. */
  readonly expiresIn?: number
  /** Absent for transport `session`. For browsers it belongs into the cookie, never into a body. */
  readonly refreshToken?: string
  /** Value of the opaque session cookie; transport `session` only. */
  readonly sessionToken?: string
  /** Tokens for the device cookie, that of this session first; absent for transport `body`. */
  readonly devices?: readonly string[]
  readonly csrfToken: string
  /**
   * By when a second factor is to be set up, in epoch milliseconds; absent where there is one, and where
   * none is demanded.
   */
  readonly mfaRequiredBy?: number
}

/** A further factor is asked for; no session exists yet. */
export interface MfaRequired {
  readonly status: 'mfa_required'
  /** Opaque, single-use, names no user. */
  readonly flow: string
  readonly methods: readonly FactorMethod[]
  /** What can be enrolled, where policy demands a second factor and there is none yet. */
  readonly enrol?: readonly ('totp' | 'passkey')[]
  /** Seconds until the flow ends. */
  readonly expiresIn: number
  /** For the flow cookie, never for a body. Absent for transport `body`: the user agent is bound. */
  readonly browser?: string
}

/** The address has not been confirmed yet; a new link can be asked for. */
export interface VerificationRequired {
  readonly status: 'verification_required'
}

/** A proof of being human is asked for first. */
export interface ChallengeRequired {
  readonly status: 'challenge_required'
  /** What `Captcha.challenge` gave. */
  readonly challenge: Readonly<Record<string, unknown>>
}

/** One answer for every refusal: unknown, wrong, locked or disabled. */
export interface Denied {
  readonly status: 'denied'
}

/** The proof of a second factor was wrong, spent before, or not one that this sign-in takes. */
export interface FactorRejected {
  readonly status: 'factor_rejected'
}

/** No sign-in goes on here: unknown, ended, finished, used up, or begun in another browser. */
export interface FlowInvalid {
  readonly status: 'flow_invalid'
}

/** What a sign-in came to; tell them apart by `status`. */
export type SignInResult =
  | SignedIn
  | MfaRequired
  | VerificationRequired
  | ChallengeRequired
  | FactorRejected
  | Denied

/** What the second step of a sign-in came to. */
export type FactorSignInResult = SignedIn | FactorRejected | FlowInvalid

/** A factor was enrolled, and with it the session that demanded it was issued. */
export interface EnrolledAndSignedIn extends SignedIn {
  /** Shown this once. Absent where codes of before are left. */
  readonly recoveryCodes?: readonly string[]
}

/** What a step of an enrolment at sign-in came to; tell them apart by `status`. */
export type EnrolmentResult = EnrolledAndSignedIn | FactorRejected | FlowInvalid

/** What `navigator.credentials` is to be asked with. */
export interface CeremonyOptions {
  readonly status: 'options'
  readonly options: Readonly<Record<string, unknown>>
}

/** What a sign-in that goes on asks for. */
export interface FlowView {
  readonly methods: readonly FactorMethod[]
  /** Whether trusting the browser would spare this person anything: not where policy asks every time. */
  readonly mayTrust: boolean
  readonly enrol?: readonly ('totp' | 'passkey')[]
}

/** The result of a decision that neither issues anything nor asks for a further factor. */
export function resultWithoutSession(decision: SignInDecision): SignInResult {
  return decision.do === 'ask_verification'
    ? { status: 'verification_required' }
    : { status: 'denied' }
}
