import type { Trx } from '../database/index.ts'
import type { GrantedGuess, Lane, ReauthGuess } from './lane.ts'
import { type LaneRule, liveStreak, quietMs } from './rules.ts'
import {
  addToShare,
  claimWarning,
  deleteClean,
  findLanes,
  noteLaneFailure,
  refundLane,
  resetLane,
  stateOfRow,
} from './store.ts'
import type { GuessRow } from './table.ts'

/** What all sessions of an account got wrong, but for those taken back by a success. */
const together = 'reauth'
/**
 * Wrong ones in a row in one session. It can be stolen: what its holder spends is that session's, and
 * the owner proves the password in another.
 */
const rule: LaneRule = { limit: 20, counts: true }
/** Of all sessions: whoever can sign in without the password must not guess it for ever. */
const togetherLimit = 100
const closedRule: LaneRule = { limit: 0, counts: true }
const warnAfter = 10

/** The names of the lanes to read before `reauthLane`. */
export function reauthLanes({ sessionId }: ReauthGuess): readonly string[] {
  return [laneOf(sessionId), together]
}

function laneOf(sessionId: string): string {
  return `${together}:${sessionId}`
}

/** The lane in which a session proves its account's password again. */
export function reauthLane(
  { sessionId, userId }: ReauthGuess,
  { now, rows }: { readonly rows: readonly GuessRow[]; readonly now: number },
): Lane {
  const lane = laneOf(sessionId)
  const row = rows.find((one) => one.lane === lane)
  const all = rows.find((one) => one.lane === together)?.guesses ?? 0
  const state = row && stateOfRow(row)
  return {
    kind: 'reauth',
    ...{ subject: userId, lane, userId, share: '', ownShare: '', together },
    ...{ deviceLane: undefined, typed: undefined, state },
    rule: all < togetherLimit ? rule : closedRule,
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}

/** Notes that the password was wrong; true when the owner is to be told, once a day. */
export async function failReauth(trx: Trx, lane: Lane, now: number): Promise<boolean> {
  const { subject } = lane
  const all = { subject, lane: together }
  await addToShare(trx, all, now)
  await noteLaneFailure(trx, lane, now)
  const [counted] = await findLanes(trx, [subject], [together])
  const isDue = (counted?.guesses ?? 0) >= warnAfter
  return isDue && claimWarning(trx, all, { now, everyMs: quietMs })
}

/** Notes that it was right: this session begins anew, and what others got wrong stays. */
export async function succeedReauth(
  trx: Trx,
  { lane, state }: GrantedGuess,
  now: number,
): Promise<void> {
  const all = { subject: lane.subject, lane: together }
  const guesses = state.guesses - 1
  if (guesses > 0) await refundLane(trx, all, { guesses, streak: 0, openAt: -1, now })
  await deleteClean(trx, all)
  await resetLane(trx, lane, now)
  await deleteClean(trx, lane)
}
