import type { Trx } from '../database/index.ts'
import { returnToBudget, takeFromBudget } from './budget-store.ts'
import type { Lane } from './lane.ts'
import type { LaneState } from './rules.ts'
import { advanceLane, insertLane } from './store.ts'

/** What came of a turn: counted; another guess was faster; or the lanes have spent what they share. */
export type Turn = 'taken' | 'overtaken' | 'exhausted'

/**
 * Counts one guess in its lane, if that is still as it was when its rules were asked, and in the budget
 * that it shares with others, if it shares one. The budget comes first, here and in every outcome: two
 * guesses never wait for each other.
 */
export async function takeTurn(
  trx: Trx,
  lane: Lane,
  { from, to }: { readonly from: LaneState | undefined; readonly to: LaneState },
): Promise<Turn> {
  const { budget, subject } = lane
  const shared = budget && { subject, lane: budget.lane }
  const limits = { limit: budget?.limit ?? 0, now: to.lastAt }
  if (shared && !(await takeFromBudget(trx, shared, limits))) return 'exhausted'
  const isTaken = from
    ? await advanceLane(trx, lane, { from, to })
    : await insertLane(trx, lane, to)
  if (isTaken) return 'taken'
  if (shared) await returnToBudget(trx, shared, 1)
  return 'overtaken'
}
