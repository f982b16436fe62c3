import { type Factor, type FactorMethod, levelOf } from '../assurance/index.ts'
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
  /** The level that policy demands of this account here. */
  readonly requiredLevel: 1 | 2
  /** Second factors that the account has enrolled. */
  readonly enrolled: readonly FactorMethod[]
  /** True while a CAPTCHA is due and has not been solved. */
  readonly challengeDue: boolean
  /** Why this guess was not evaluated at all, the same for names nobody has. */
  readonly heldBack: LaneRefusal | undefined
  /** True when the password opens nothing until it is replaced. */
  readonly blocked: boolean
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
  | { readonly do: 'ask_factor'; readonly methods: readonly FactorMethod[] }
  | { readonly do: 'ask_verification' }
  | { readonly do: 'challenge' }
  | { readonly do: 'deny'; readonly reason: DenyReason }

const heldBackReasons: Readonly<Record<LaneRefusal, DenyReason>> = {
  throttled: 'throttled',
  exhausted: 'credential_exhausted',
  locked: 'credential_locked',
}

/**
 * Decides on a sign-in. Pure, and deny by default: a session is issued on the last line that can
 * issue one, once the account may hold it and every demanded level is proven.
 */
export function decide(facts: SignInFacts): SignInDecision {
  const { account, challengeDue, enrolled, heldBack, requiredLevel } = facts
  if (challengeDue) return { do: 'challenge' }
  if (heldBack) return { do: 'deny', reason: heldBackReasons[heldBack] }
  if (!account) return { do: 'deny', reason: 'unknown_account' }
  const proven = facts.proven.filter((factor) => !(facts.blocked && factor === 'pwd'))
  const level = levelOf(proven)
  if (level === 0) return { do: 'deny', reason: unprovenReason(facts) }
  if (account.status === 'pending') return { do: 'ask_verification' }
  const holder = { status: account.status, locked_until: account.lockedUntil }
  if (!mayHoldSession(holder, facts.now)) {
    return {
      do: 'deny',
      reason: account.status === 'locked' ? 'account_locked' : 'account_disabled',
    }
  }
  const demanded = enrolled.length > 0 ? 2 : requiredLevel
  if (level >= demanded) return { do: 'issue', level, factors: proven }
  if (enrolled.length > 0) return { do: 'ask_factor', methods: enrolled }
  return { do: 'deny', reason: 'level_unreachable' }
}

/** A right password that is blocked is told from a wrong one in the record alone. */
function unprovenReason({ blocked, proven }: SignInFacts): DenyReason {
  return blocked && proven.includes('pwd') ? 'credential_blocked' : 'wrong_credential'
}
