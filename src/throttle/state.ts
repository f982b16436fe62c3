import type { ThrottleState } from './lane.ts'
import { type LaneRule, waitOf } from './rules.ts'
import { lastFailure, stateOfRow } from './store.ts'
import type { GuessRow } from './table.ts'

/** What the lanes of an account tell those who look after it; `lane` is that of strangers. */
export function throttleState(
  rows: readonly GuessRow[],
  { lane, now, rule }: { readonly lane: string; readonly rule: LaneRule; readonly now: number },
): ThrottleState {
  const shared = rows.find((row) => row.lane === lane)
  const wait = shared ? waitOf(stateOfRow(shared), rule, now) : 0
  const failures = shared?.guesses ?? 0
  return {
    lastFailureAt: lastFailure(rows),
    lockedUntil: wait > 0 ? now + wait : null,
    failures,
    exhausted: failures >= rule.limit,
  }
}
