import type { Origin } from '../events/index.ts'
import type { Ceremony } from './ceremonies.ts'
import type { PasskeyRow } from './table.ts'
import type { NewPasskey } from './verify.ts'

/** What a signature of a passkey is asked for. */
export type AssertionKind = 'sign_in' | 'factor' | 'step_up'

/** Who is to sign, and for what. */
export interface AssertionRequest extends Omit<Ceremony, 'kind'> {
  readonly kind: AssertionKind
}

/** The answer of a browser to a request of ours; `response` is as it was sent. */
export interface SentAssertion extends AssertionRequest {
  readonly response: unknown
  /** Where it came from, for the record. */
  readonly origin?: Origin | undefined
}

export interface SentRegistration {
  readonly userId: string
  readonly browser: string
  readonly response: unknown
}

export type RegistrationVerdict =
  | { readonly ok: true; readonly credential: NewPasskey }
  | { readonly ok: false }

/** A passkey that has just signed. It counts once `Passkeys.use` has answered `used`. */
export interface ProvenPasskey {
  readonly ok: true
  readonly passkey: PasskeyRow
  readonly counter: number
  readonly backedUp: boolean
  readonly backupEligible: boolean
  readonly userVerified: boolean
  /** `key`: the authenticator did not check its user. Never the answer to a sign-in. */
  readonly factor: 'passkey' | 'key'
}

/** `cloned`: its counter was seen before. The alarm is recorded; the caller only has to refuse. */
export type AssertionVerdict =
  | ProvenPasskey
  | { readonly ok: false; readonly cloned?: PasskeyRow | undefined }

export interface PasskeyAddition {
  readonly userId: string
  readonly credential: NewPasskey
  readonly name?: string | undefined
}

/** One use of a passkey. */
export type PasskeyProof = Pick<
  ProvenPasskey,
  'passkey' | 'counter' | 'backedUp' | 'backupEligible'
> & {
  readonly origin?: Origin | undefined
}

/** What became of it. `cloned`: another signature with its counter, or a later one, came first. */
export type PasskeyUse = 'used' | 'cloned' | 'gone'
