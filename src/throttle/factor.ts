import type { Lane } from './lane.ts'
import { type LaneRule, liveStreak } from './rules.ts'
import { stateOfRow } from './store.ts'
import type { GuessRow } from './table.ts'

/** Wrong tries at one factor of an account in a row (NIST SP 800-63B-4 section 3.2.2). */
const rule: LaneRule = { limit: 100, counts: true }

/**
 * The subject of an account's second factors. It is not the account's own: a reset by mail opens the
 * lanes of the password, and whoever reads the mailbox must not get another hundred codes by it.
 */
export function factorSubject(userId: string): string {
  return `factor:${userId}`
}

/** The lane of one factor. Whoever tries has proven the password, so there are no strangers here. */
export function factorLane(
  userId: string,
  method: string,
  { now, row }: { readonly row: GuessRow | undefined; readonly now: number },
): Lane {
  const state = row && stateOfRow(row)
  return {
    kind: 'factor',
    ...{ subject: factorSubject(userId), lane: method, userId, share: '', ownShare: '' },
    ...{ deviceLane: undefined, typed: undefined, rule, state },
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}
