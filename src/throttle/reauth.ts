import type { Trx } from '../database/index.ts'
import { returnToBudget } from './budget-store.ts'
import type { Lane, ReauthGuess } from './lane.ts'
import { type LaneRule, liveStreak, quietMs } from './rules.ts'
import {
  addToShare,
  claimWarning,
  deleteClean,
  findLanes,
  noteLaneFailure,
  resetLane,
  stateOfRow,
  takeShare,
} from './store.ts'
import type { GuessRow } from './table.ts'

/** What all sessions of an account got wrong, but for those taken back by a success. */
const together = 'reauth'
/**
 * Wrong ones in a row in one session. It can be stolen: what its holder spends is that session's, and
 * the owner proves the password in another.
 */
const sessionRule: LaneRule = { limit: 12, counts: true }
/** Wrong ones in a row from one known device, in whatever session; then it counts as its session. */
const deviceRule: LaneRule = { limit: 20, counts: true }
/** Of all sessions: whoever can sign in without the password must not guess it for ever. */
const togetherLimit = 100
/**
 * Of these what may be spent without a known device. The rest is kept for the owner's devices: whoever
 * holds copies of sessions, however many, holds none of their cookies. It lasts for two devices that were
 * copied whole, so that a third one still has its turn.
 */
const sessionsLimit = 60
const closedRule: LaneRule = { limit: 0, counts: true }
const warnAfter = 10

/** The names of the lanes to read before `reauthLane`. */
export function reauthLanes(guess: ReauthGuess): readonly string[] {
  const device = deviceLaneOf(guess)
  return [sessionLaneOf(guess), together, ...(device === undefined ? [] : [device])]
}

function sessionLaneOf({ sessionId }: ReauthGuess): string {
  return `${together}:${sessionId}`
}

function deviceLaneOf({ deviceHash }: ReauthGuess): string | undefined {
  return deviceHash === undefined ? undefined : `${together}:device:${deviceHash}`
}

/** The lane in which a session proves its account's password again. */
export function reauthLane(
  guess: ReauthGuess,
  { now, rows }: { readonly rows: readonly GuessRow[]; readonly now: number },
): Lane {
  const { sessionId, userId } = guess
  const guessesIn = (name: string) => rows.find((one) => one.lane === name)?.guesses ?? 0
  const device = deviceLaneOf(guess)
  const own = device !== undefined && guessesIn(device) < deviceRule.limit ? device : undefined
  const lane = own ?? sessionLaneOf(guess)
  const rule = own === undefined ? sessionRule : deviceRule
  const limit = own === undefined ? sessionsLimit : togetherLimit
  const row = rows.find((one) => one.lane === lane)
  const state = row && stateOfRow(row)
  return {
    kind: 'reauth',
    ...{ subject: userId, lane, userId, share: `${together}:own:${sessionId}`, ownShare: '' },
    ...{ deviceLane: undefined, typed: undefined, state },
    budget: { lane: together, limit },
    rule: guessesIn(together) < limit ? rule : closedRule,
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}

/** Notes that the password was wrong; true when the owner is to be told, once a day. */
export async function failReauth(trx: Trx, lane: Lane, now: number): Promise<boolean> {
  const { share, subject } = lane
  await addToShare(trx, { subject, lane: share }, now)
  const [counted] = await findLanes(trx, [subject], [together])
  const isDue = (counted?.guesses ?? 0) >= warnAfter
  const all = { subject, lane: together }
  const isTold = isDue && (await claimWarning(trx, all, { now, everyMs: quietMs }))
  await noteLaneFailure(trx, lane, now)
  return isTold
}

/** Notes that it was right: this lane begins anew, and what other sessions got wrong stays counted. */
export async function succeedReauth(trx: Trx, lane: Lane, now: number): Promise<void> {
  const { share, subject } = lane
  const guesses = 1 + (await takeShare(trx, { subject, lane: share }))
  await returnToBudget(trx, { subject, lane: together }, guesses)
  await resetLane(trx, lane, now)
  await deleteClean(trx, lane)
}
