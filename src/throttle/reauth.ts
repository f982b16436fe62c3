import type { Lane } from './lane.ts'
import { type LaneRule, liveStreak } from './rules.ts'
import { stateOfRow } from './store.ts'
import type { GuessRow } from './table.ts'

/** The lane of proofs by somebody signed in. */
export const reauth = 'reauth'
/** Wrong ones in a row. */
const rule: LaneRule = { limit: 20, counts: true }

/** The lane in which an account's password is proven again, as `row` remembers it. */
export function reauthLane(userId: string, row: GuessRow | undefined, now: number): Lane {
  const state = row && stateOfRow(row)
  return {
    kind: 'reauth',
    ...{ subject: userId, lane: reauth, userId, share: '', ownShare: '' },
    ...{ deviceLane: undefined, typed: undefined, rule, state },
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}
