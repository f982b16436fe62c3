import { type Factor, levelOf } from '../assurance/index.ts'
import type { PasswordBlock } from '../passwords/index.ts'
import type { LaneRefusal } from '../throttle/index.ts'
import { type AccountStatus, mayHoldSession } from '../users/index.ts'

/** Everything the decision rests on. Read and proven before; nothing is looked up while deciding. */
export interface SignInFacts {
  readonly now: number
  /** Undefined when nobody has this name. */
  readonly account:
    | { readonly status: AccountStatus; readonly lockedUntil: number | null }
    | undefined
  /** The factors proven in this flow, each at most once. */
  readonly proven: readonly Factor[]
  /** The level that policy demands of this account now. */
  readonly requiredLevel: 1 | 2
  /** Whether a second factor is enrolled: then a password alone signs nobody in. */
  readonly secondFactor: boolean
  /** Whether the owner spares this browser the second factor. Policy is never spared. */
  readonly trusted: boolean
  /** True while a CAPTCHA is due and has not been solved. */
  readonly challengeDue: boolean
  /** Why this guess was not evaluated at all, the same for names nobody has. */
  readonly heldBack: LaneRefusal | undefined
  /** Why the password opens nothing until it is replaced; after a report nothing else does either. */
  readonly blocked: PasswordBlock | null
}

export type DenyReason =
  | 'unknown_account'
  | 'wrong_credential'
  | 'throttled'
  | 'credential_exhausted'
  | 'credential_locked'
  | 'credential_blocked'
  | 'account_locked'
  | 'account_disabled'
  | 'level_unreachable'

export type SignInDecision =
  | { readonly do: 'issue'; readonly level: 1 | 2; readonly factors: readonly Factor[] }
  | { readonly do: 'ask_factor' }
  | { readonly do: 'ask_enrolment' }
  | { readonly do: 'ask_verification' }
  | { readonly do: 'challenge' }
  | { readonly do: 'deny'; readonly reason: DenyReason }

const heldBackReasons: Readonly<Record<LaneRefusal, DenyReason>> = {
  throttled: 'throttled',
  exhausted: 'credential_exhausted',
  locked: 'credential_locked',
}

/**
 * Decides on a sign-in. Pure, and deny by default: a session is issued on the one line that can issue
 * one, once the account may hold it and every demanded level is proven. Every door ends here.
 */
export function decide(facts: SignInFacts): SignInDecision {
  const { account, challengeDue, heldBack } = facts
  if (challengeDue) return { do: 'challenge' }
  if (heldBack) return { do: 'deny', reason: heldBackReasons[heldBack] }
  if (!account) return { do: 'deny', reason: 'unknown_account' }
  const proven = facts.proven.filter((factor) => !(facts.blocked !== null && factor === 'pwd'))
  if (!proven.some(isFirst)) return { do: 'deny', reason: unprovenReason(facts) }
  return closedBy(account, facts.now) ?? closedByReport(facts) ?? decideOnLevel(facts, proven)
}

/** What becomes of every sign-in to this account while it may hold no session. */
export function closedBy(
  { lockedUntil, status }: NonNullable<SignInFacts['account']>,
  now: number,
): SignInDecision | undefined {
  if (status === 'pending') return { do: 'ask_verification' }
  if (mayHoldSession({ status, locked_until: lockedUntil }, now)) return undefined
  return { do: 'deny', reason: status === 'locked' ? 'account_locked' : 'account_disabled' }
}

/**
 * What was reported may have been done with a passkey, and the lock of a report ends by itself: until
 * its owner has come back by the mailbox, no passkey opens the account.
 */
function closedByReport({ blocked }: SignInFacts): SignInDecision | undefined {
  return blocked === 'reported' ? { do: 'deny', reason: 'credential_blocked' } : undefined
}

function decideOnLevel(facts: SignInFacts, proven: readonly Factor[]): SignInDecision {
  const { requiredLevel, secondFactor, trusted } = facts
  const knows = proven.includes('pwd')
  const demanded = secondFactor && !(trusted && knows) ? 2 : requiredLevel
  const level = levelOf(proven)
  if (level !== 0 && level >= demanded) return { do: 'issue', level, factors: proven }
  if (!knows) return { do: 'deny', reason: 'level_unreachable' }
  return { do: secondFactor ? 'ask_factor' : 'ask_enrolment' }
}

/** What a sign-in can begin with; a code or a key alone is a second factor of nothing. */
function isFirst(factor: Factor): boolean {
  return factor === 'pwd' || factor === 'passkey'
}

/** A right password that is blocked is told from a wrong one in the record alone. */
function unprovenReason({ blocked, proven }: SignInFacts): DenyReason {
  return blocked !== null && proven.includes('pwd') ? 'credential_blocked' : 'wrong_credential'
}
