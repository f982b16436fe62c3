import type { Trx } from '../database/index.ts'
import type { GrantedGuess, Lane } from './lane.ts'
import { type LaneRule, liveStreak, quietMs } from './rules.ts'
import {
  addToShare,
  claimWarning,
  countTry,
  deleteClean,
  findLanes,
  noteLaneFailure,
  refundLane,
  resetLane,
  stateOfRow,
  takeShare,
} from './store.ts'
import type { GuessRow } from './table.ts'

/** How a second factor is proven. */
type Method = 'totp' | 'recovery_code' | 'passkey'

/** Who tries a second factor, of whose account the password or a session is known already. */
export interface FactorGuess {
  readonly userId: string
  readonly method: Method
  /** Hash of a device that is known to the account. */
  readonly deviceHash: string | undefined
  /** What limits of the client are kept by. */
  readonly clientKey: string
}

/** Wrong codes of an app in a row from everywhere but known devices (NIST SP 800-63B-4 section 3.2.2). */
const totpRule: LaneRule = { limit: 100, counts: true }
/** Wrong codes of an app in a row from one known device; further ones count as a stranger's. */
const deviceRule: LaneRule = { limit: 20, counts: true }
/** Wrong codes of an app from all known devices together, but for those taken back by a success. */
const devicesLimit = 100
/**
 * Recovery codes have 50 bits: no number of tries finds one, so none ends the way in that is for
 * emergencies. Each client has a lane of its own, so that nobody's tries hold back the owner's.
 */
const recoveryRule: LaneRule = {
  limit: Number.POSITIVE_INFINITY,
  counts: false,
  longestDelayMs: 60_000,
}
/** A signature cannot be guessed. */
const passkeyRule: LaneRule = { limit: Number.POSITIVE_INFINITY, counts: false, isFree: true }

const warnAfter = 10

/**
 * The subject of an account's second factors. It is not the account's own: a reset by mail opens the
 * lanes of the password, and whoever reads the mailbox must not get another hundred codes by it.
 */
export function factorSubject(userId: string): string {
  return `factor:${userId}`
}

/** The lanes that decide about one guess, by what they are for. */
interface Keys {
  /** Everybody's. */
  readonly shared: string
  /** All known devices together. */
  readonly together: string
  /** The known device's. */
  readonly device: string | undefined
  /** This client's. */
  readonly client: string
}

function keysOf({ deviceHash, method }: FactorGuess, client: string): Keys {
  const device = deviceHash === undefined ? undefined : `${method}:${deviceHash}`
  return { shared: method, together: `${method}:devices`, device, client: `${method}:${client}` }
}

/** The names of the lanes to read before `factorLane`; `client` is a keyed hash. */
export function factorLanes(guess: FactorGuess, client: string): readonly string[] {
  const { device, ...others } = keysOf(guess, client)
  return [...Object.values(others), ...(device === undefined ? [] : [device])]
}

/**
 * The lane of one try. Whoever knows the password can fill what strangers share, so a known device
 * has its own, for codes of an app as for the password.
 */
export function factorLane(
  guess: FactorGuess,
  client: string,
  { now, rows }: { readonly rows: readonly GuessRow[]; readonly now: number },
): Lane {
  const { method, userId } = guess
  const keys = keysOf(guess, client)
  const guessesIn = (name: string) => rows.find(({ lane }) => lane === name)?.guesses ?? 0
  const { lane, rule } = chosen(method, keys, guessesIn)
  const row = rows.find((one) => one.lane === lane)
  const state = row && stateOfRow(row)
  return {
    kind: 'factor',
    ...{ subject: factorSubject(userId), lane, userId, share: '' },
    ...{ ownShare: `${method}:own:${client}`, deviceLane: keys.device, typed: undefined },
    ...{ rule, state, tally: `${method}:wrong`, together: keys.together },
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}

function chosen(
  method: Method,
  { client, device, shared, together }: Keys,
  guessesIn: (lane: string) => number,
): Pick<Lane, 'lane' | 'rule'> {
  if (method === 'passkey') return { lane: shared, rule: passkeyRule }
  if (method === 'recovery_code') return { lane: device ?? client, rule: recoveryRule }
  const isOwn =
    device !== undefined &&
    guessesIn(device) < deviceRule.limit &&
    guessesIn(together) < devicesLimit
  return isOwn ? { lane: device, rule: deviceRule } : { lane: shared, rule: totpRule }
}

/** Notes that a try was wrong; true when the owner is to be told, once a day whatever lane it was in. */
export async function failFactor(trx: Trx, { lane }: GrantedGuess, now: number): Promise<boolean> {
  const { subject } = lane
  if (!lane.rule.isFree) await noteLaneFailure(trx, lane, now)
  if (lane.rule === deviceRule && lane.together !== undefined) {
    await addToShare(trx, { subject, lane: lane.ownShare }, now)
    await addToShare(trx, { subject, lane: lane.together }, now)
  }
  const tally = tallyOf(lane)
  await countTry(trx, tally, { now, since: now - quietMs })
  const [counted] = await findLanes(trx, [subject], [tally.lane])
  return (counted?.guesses ?? 0) >= warnAfter && warnOfFactor(trx, lane, now)
}

/** True once a day for each factor of an account that was tried wrongly. */
export function warnOfFactor(trx: Trx, lane: Lane, now: number): Promise<boolean> {
  return claimWarning(trx, tallyOf(lane), { now, everyMs: quietMs })
}

/** Notes that a try was right: its lane begins anew, and what others got wrong elsewhere stays. */
export async function succeedFactor(
  trx: Trx,
  { lane, state }: GrantedGuess,
  now: number,
): Promise<void> {
  const { deviceLane, rule, subject } = lane
  const tally = tallyOf(lane)
  if (rule.isFree) return resetLane(trx, tally, now)
  await resetLane(trx, lane, now)
  if (rule === deviceRule) await takeBack(trx, lane)
  else if (deviceLane !== undefined) await resetLane(trx, { subject, lane: deviceLane }, now)
  await refundLane(trx, tally, { guesses: state.streak - 1, streak: 0, openAt: -1, now })
}

/** From all known devices together: what this client got wrong, not the holder of a copy elsewhere. */
async function takeBack(trx: Trx, { ownShare, subject, together }: Lane): Promise<void> {
  const guesses = await takeShare(trx, { subject, lane: ownShare })
  if (guesses === 0 || together === undefined) return
  await refundLane(trx, { subject, lane: together }, { guesses, streak: 0, openAt: -1, now: 0 })
  await deleteClean(trx, { subject, lane: together })
}

/** Counts what was wrong in whichever lane; it holds nobody back. */
function tallyOf({ lane, subject, tally = lane }: Lane) {
  return { subject, lane: tally }
}
