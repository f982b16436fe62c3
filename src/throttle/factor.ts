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
  /** Hash of a device that is known to the account, by more than a mailed link. */
  readonly deviceHash: string | undefined
  /** What limits of the client are kept by; of a session that proves anew the session. */
  readonly clientKey: string
  /** Whether somebody signed in tries: whoever holds a copy of the session holds back nothing else. */
  readonly inSession?: boolean
}

/** Keyed hashes of who tries. */
export interface FactorHashes {
  readonly client: string
  /** Of the client and the known device together. */
  readonly place: string
}

/** Wrong codes of an app in a row from everywhere but known devices (NIST SP 800-63B-4 section 3.2.2). */
const totpRule: LaneRule = { limit: 100, counts: true }
/** Wrong codes of an app in a row from one known device; further ones count as a stranger's. */
const deviceRule: LaneRule = { limit: 20, counts: true }
/** Wrong codes of an app from all known devices together, but for those taken back by a success. */
const devicesLimit = 100
/** Wrong codes of an app in a row in one session; it can be stolen, and its owner signs in to another. */
const sessionLimit = 20
const closedRule: LaneRule = { limit: 0, counts: true }
/**
 * Recovery codes have 50 bits: no number of tries finds one, so none ends the way in that is for
 * emergencies. Each client has a lane of its own at each device, so that nobody's tries hold back the
 * owner's. A passkey has no other limit in a session, where a try costs more than a signature.
 */
const slowRule: LaneRule = {
  limit: Number.POSITIVE_INFINITY,
  counts: false,
  longestDelayMs: 60_000,
}
/** A signature cannot be guessed, and whoever signs in has been counted by client already. */
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
  /** The known device's, for codes of an app. */
  readonly device: string | undefined
  /** This client's, at this device. */
  readonly place: string
  /** What this client got wrong in the lanes of known devices. */
  readonly own: string
  /** What it got wrong in everybody's. */
  readonly from: string
}

const togetherSuffix = ':devices'
const ownInfix = ':own'

function keysOf({ deviceHash, method }: FactorGuess, { client, place }: FactorHashes): Keys {
  const isOwn = deviceHash !== undefined && method === 'totp'
  return {
    shared: method,
    together: method + togetherSuffix,
    device: isOwn ? `${method}:${deviceHash}` : undefined,
    place: `${method}:${place}`,
    own: `${method}${ownInfix}:${client}`,
    from: `${method}:from:${client}`,
  }
}

/** The names of the lanes to read before `factorLane`. */
export function factorLanes(guess: FactorGuess, hashes: FactorHashes): readonly string[] {
  const { device, ...others } = keysOf(guess, hashes)
  return [...Object.values(others), ...(device === undefined ? [] : [device])]
}

/** The lanes that end with the devices of an account: what these got wrong together. */
export const lanesOfDevices: readonly string[] = [`totp${togetherSuffix}`, `totp${ownInfix}`]

/**
 * The lane of one try. Whoever knows the password can fill what strangers share, so a known device
 * has its own, for codes of an app as for the password.
 */
export function factorLane(
  guess: FactorGuess,
  hashes: FactorHashes,
  { now, rows }: { readonly rows: readonly GuessRow[]; readonly now: number },
): Lane {
  const { method, userId } = guess
  const keys = keysOf(guess, hashes)
  const guessesIn = (name: string) => rows.find(({ lane }) => lane === name)?.guesses ?? 0
  const { lane, rule } = chosen(guess, keys, guessesIn)
  const row = rows.find((one) => one.lane === lane)
  const state = row && stateOfRow(row)
  return {
    kind: 'factor',
    ...{ subject: factorSubject(userId), lane, userId, share: keys.from },
    ...{ ownShare: keys.own, deviceLane: keys.device, typed: undefined },
    ...{ rule, state, tally: `${method}:wrong`, together: keys.together },
    tallyShare: `${method}:wrong:${hashes.client}`,
    failures: liveStreak(state, now),
    lastFailureAt: row?.last_failure_at ?? null,
  }
}

function chosen(
  { inSession = false, method }: FactorGuess,
  { device, from, own, place, shared, together }: Keys,
  guessesIn: (lane: string) => number,
): Pick<Lane, 'lane' | 'rule'> {
  if (method === 'passkey' && !inSession) return { lane: shared, rule: passkeyRule }
  if (method !== 'totp') return { lane: place, rule: slowRule }
  const isSpent = inSession && guessesIn(own) + guessesIn(from) >= sessionLimit
  if (isSpent) return { lane: shared, rule: closedRule }
  const isOwn =
    device !== undefined &&
    guessesIn(device) < deviceRule.limit &&
    guessesIn(together) < devicesLimit
  return isOwn ? { lane: device, rule: deviceRule } : { lane: shared, rule: totpRule }
}

/** Notes that a try was wrong; true when the owner is to be told, once a day whatever lane it was in. */
export async function failFactor(trx: Trx, { lane }: GrantedGuess, now: number): Promise<boolean> {
  const { ownShare, rule, share, subject, together } = lane
  if (rule === totpRule) await addToShare(trx, { subject, lane: share }, now)
  if (rule === deviceRule && together !== undefined) {
    await addToShare(trx, { subject, lane: ownShare }, now)
    await addToShare(trx, { subject, lane: together }, now)
  }
  if (!rule.isFree) await noteLaneFailure(trx, lane, now)
  const when = { now, since: now - quietMs }
  await countTry(trx, tallyShareOf(lane), when)
  const tally = tallyOf(lane)
  await countTry(trx, tally, when)
  const [counted] = await findLanes(trx, [subject], [tally.lane])
  return (counted?.guesses ?? 0) >= warnAfter && warnOfFactor(trx, lane, now)
}

/** True once a day for each factor of an account that was tried wrongly. */
export function warnOfFactor(trx: Trx, lane: Lane, now: number): Promise<boolean> {
  return claimWarning(trx, tallyOf(lane), { now, everyMs: quietMs })
}

/**
 * Notes that a try was right. It takes back what this client got wrong, of the hundred and of what the
 * owner is told after: what others did stays counted, however often she signs in.
 */
export async function succeedFactor(
  trx: Trx,
  { lane, state }: GrantedGuess,
  now: number,
): Promise<void> {
  const { deviceLane, rule, subject } = lane
  if (rule === totpRule) {
    await takeBackShared(trx, { allowed: true, lane, state }, now)
    if (deviceLane !== undefined) await resetLane(trx, { subject, lane: deviceLane }, now)
  } else if (!rule.isFree) {
    if (rule === deviceRule) await takeBackOwn(trx, lane)
    await resetLane(trx, lane, now)
  }
  const guesses = await takeShare(trx, tallyShareOf(lane), now - quietMs)
  if (guesses > 0) await refundLane(trx, tallyOf(lane), { ...onlyGuesses, guesses })
}

/** From everybody's: this guess and what this client got wrong before. */
async function takeBackShared(trx: Trx, { lane, state }: GrantedGuess, now: number): Promise<void> {
  const { share, subject } = lane
  const guesses = 1 + (await takeShare(trx, { subject, lane: share }))
  await refundLane(trx, lane, { guesses, streak: guesses, openAt: state.openAt, now })
  await deleteClean(trx, lane)
}

/** From all known devices together: what this client got wrong, not the holder of a copy elsewhere. */
async function takeBackOwn(trx: Trx, { ownShare, subject, together }: Lane): Promise<void> {
  const guesses = await takeShare(trx, { subject, lane: ownShare })
  if (guesses === 0 || together === undefined) return
  await refundLane(trx, { subject, lane: together }, { ...onlyGuesses, guesses })
  await deleteClean(trx, { subject, lane: together })
}

const onlyGuesses = { streak: 0, openAt: -1, now: 0 }

/** Counts what was wrong in whichever lane; it holds nobody back. */
function tallyOf({ lane, subject, tally = lane }: Lane) {
  return { subject, lane: tally }
}

/** This client's part of it. */
function tallyShareOf({ lane, subject, tallyShare = lane }: Lane) {
  return { subject, lane: tallyShare }
}
