import type { LaneKind } from './events.ts'
import type { LaneRefusal, LaneRule, LaneState } from './rules.ts'
import type { TypedName } from './typed.ts'

/** Who guesses at what. */
export interface Guess {
  /** Undefined when nobody has the name. */
  readonly userId: string | undefined
  /** Canonical form of the name. */
  readonly name: string
  /** What limits of the client are kept by. */
  readonly clientKey: string
  /** Hash of a device that is known to the account. */
  readonly deviceHash: string | undefined
}

/** Whose session proves the password again, and from where. */
export interface ReauthGuess {
  readonly userId: string
  readonly sessionId: string
  /** Hash of a device that is known to the account, by more than a mailed link, and that was shown. */
  readonly deviceHash?: string | undefined
}

/** The lane that a guess belongs to, as it was read. */
export interface Lane {
  readonly kind: LaneKind
  readonly subject: string
  readonly lane: string
  readonly userId: string | undefined
  /** Key of this client's share in the failures of strangers. */
  readonly share: string
  /** Key of this client's share in the failures of known devices. */
  readonly ownShare: string
  /** Lane of the known device, though it has used that up and counts as a stranger. */
  readonly deviceLane: string | undefined
  /** Of a second factor: the lane that counts what all known devices got wrong. */
  readonly together?: string
  /** Where a guess is counted together with those of other lanes before it is evaluated, and how many may be. */
  readonly budget?: { readonly lane: string; readonly limit: number }
  /** Of a second factor: what counts everything wrong, for the warning alone. */
  readonly tally?: string
  /** Of a second factor: this client's part of that. */
  readonly tallyShare?: string
  readonly rule: LaneRule
  readonly state: LaneState | undefined
  /** The name as it was typed; undefined where a lane is seen by its own device or session alone. */
  readonly typed: TypedName | undefined
  /** What a CAPTCHA is asked by: failures at the typed name, or those in a row of its own lane. */
  readonly failures: number
  /** The last failure that the lanes read remember. */
  readonly lastFailureAt: number | null
}

/** A guess that was counted before it is evaluated, or why it is not evaluated. */
export type Reservation =
  | { readonly allowed: true; readonly lane: Lane; readonly state: LaneState }
  | { readonly allowed: false; readonly lane: Lane; readonly reason: LaneRefusal }

export type GrantedGuess = Extract<Reservation, { readonly allowed: true }>

/** What is remembered of the guesses at an account's password. Instants in epoch milliseconds. */
export interface ThrottleState {
  readonly lastFailureAt: number | null
  /** Until then strangers (in strict mode everybody) are refused; it ends by itself. */
  readonly lockedUntil: number | null
  /** Guesses of strangers that count towards the limit. */
  readonly failures: number
  /** No stranger's guess is evaluated any more, until a reset. */
  readonly exhausted: boolean
}
