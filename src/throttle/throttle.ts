import { hmacSha256 } from '../crypto/index.ts'
import type { Database, Db, Trx } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import { returnToBudget } from './budget-store.ts'
import {
  type FactorGuess,
  factorLane,
  factorLanes,
  factorSubject,
  failFactor,
  lanesOfDevices,
  succeedFactor,
  warnOfFactor,
} from './factor.ts'
import type { GrantedGuess, Guess, Lane, ReauthGuess, Reservation, ThrottleState } from './lane.ts'
import { failReauth, reauthLane, reauthLanes, succeedReauth } from './reauth.ts'
import type { GuessRefusals } from './refusals.ts'
import {
  judge,
  type LaneRefusal,
  type LaneRule,
  type LaneState,
  liveStreak,
  quietMs,
} from './rules.ts'
import { throttleState } from './state.ts'
import {
  addToShare,
  claimWarning,
  deleteClean,
  deleteLanes,
  findLanes,
  findLanesOf,
  lastFailure,
  noteLaneFailure,
  refundLane,
  resetLane,
  stateOfRow,
  takeShare,
} from './store.ts'
import { sweepLanes } from './sweep.ts'
import { takeTurn } from './turn.ts'
import { countTyped, failuresOf, takeBackTyped, typed, typedPrefix } from './typed.ts'

/** How guesses are held back: see `lockout` in the options. */
export interface ThrottleRules {
  readonly mode: 'adaptive' | 'strict'
  readonly attempts: number
  readonly durationMs: number
  /** Guesses that strangers have at one credential, ever. */
  readonly guesses: number
}

export interface ThrottleParts {
  readonly database: Database
  readonly clock: Clock
  readonly rules: ThrottleRules
  /** Names and clients reach the table as HMAC under it. */
  readonly hashKey: Uint8Array
  readonly refusals: GuessRefusals
}

const strangers = 'strangers'
const devices = 'devices'
/** Guesses in a row from a known device; further ones count as a stranger's. */
const deviceLimit = 20
/** Wrong guesses from all known devices of an account together, but for those taken back below. */
const devicesLimit = 100
const warnAfter = 10
const unguessed: LaneState = { guesses: 0, streak: 0, openAt: 0, lastAt: 0 }
/** Each turn lost is a turn that another guess has won, and few can be won. */
const mostTurns = 500

/**
 * Holds guesses at a credential back without locking its owner out. Strangers share one lane; a
 * device that signed in before has its own. Each guess is counted before it is evaluated.
 */
export class Throttle {
  readonly #parts: ThrottleParts

  constructor(parts: ThrottleParts) {
    this.#parts = parts
  }

  /** Reads the lane of a guess. Known and unknown names cost the same. */
  async find(guess: Guess): Promise<Lane> {
    const subject = guess.userId ?? `name:${this.#hash(`name\0${guess.name}`)}`
    const name = `${typedPrefix}${this.#hash(`typed\0${guess.name}`)}`
    const lanes = [strangers, devices, guess.deviceHash ?? strangers, typed]
    const rows = await findLanes(this.#parts.database.reader, [subject, name], lanes)
    const stateOf = (lane: string) => rows.filter((row) => row.lane === lane).map(stateOfRow)[0]
    const device = guess.deviceHash === undefined ? undefined : stateOf(guess.deviceHash)
    const left = (stateOf(devices)?.guesses ?? 0) < devicesLimit
    const trusted = guess.deviceHash !== undefined && left && (device?.guesses ?? 0) < deviceLimit
    const own = trusted && this.#parts.rules.mode === 'adaptive' ? guess.deviceHash : undefined
    const client = this.#hash(`client\0${guess.clientKey}`)
    const share = `from:${client}`
    const now = this.#parts.clock.now()
    return {
      kind: trusted ? 'device' : 'strangers',
      ...{ subject, lane: own ?? strangers, userId: guess.userId },
      ...{ share, ownShare: `own:${client}`, deviceLane: guess.deviceHash },
      rule: this.#ruleOf(trusted),
      state: own === undefined ? stateOf(strangers) : device,
      typed: own === undefined ? { subject: name, share } : undefined,
      failures: own === undefined ? failuresOf(rows, now) : liveStreak(device, now),
      lastFailureAt: lastFailure(rows),
    }
  }

  /** Reads the lane of somebody who is signed in and proves the password again. */
  async findReauth(guess: ReauthGuess): Promise<Lane> {
    const { clock, database } = this.#parts
    const rows = await findLanes(database.reader, [guess.userId], reauthLanes(guess))
    return reauthLane(guess, { rows, now: clock.now() })
  }

  /** Reads the lane of a try at one second factor of an account. */
  async findFactor(guess: FactorGuess): Promise<Lane> {
    const { clock, database } = this.#parts
    const { clientKey, deviceHash = '', userId } = guess
    const client = this.#hash(`client\0${clientKey}`)
    const hashes = { client, place: this.#hash(`place\0${deviceHash}\0${clientKey}`) }
    const lanes = factorLanes(guess, hashes)
    const rows = await findLanes(database.reader, [factorSubject(userId)], lanes)
    return factorLane(guess, hashes, { rows, now: clock.now() })
  }

  /**
   * Counts one guess, or says why it is not to be evaluated. Atomic across callers and nodes: it is
   * written only if the lane is as it was read, and judged anew otherwise.
   */
  async reserve(lane: Lane): Promise<Reservation> {
    const { clock, database } = this.#parts
    let state = lane.state
    if (lane.rule.isFree) return { allowed: true, lane, state: state ?? unguessed }
    for (let turns = 0; turns < mostTurns; turns++) {
      const verdict = judge(state, lane.rule, clock.now())
      if (!verdict.allowed) return this.#refuse(lane, verdict.reason)
      const from = state
      const to = verdict.next
      const turn = await database.transaction((trx) => takeTurn(trx, lane, { from, to }))
      if (turn === 'taken') return { allowed: true, lane, state: to }
      if (turn === 'exhausted') return this.#refuse(lane, turn)
      const [row] = await findLanes(database.reader, [lane.subject], [lane.lane])
      state = row && stateOfRow(row)
    }
    return this.#refuse(lane, 'throttled')
  }

  /** Whoever asked is told that the guess was wrong, so it counts as a failure where that can be seen. */
  async #refuse(lane: Lane, reason: LaneRefusal): Promise<Reservation> {
    const { clock, database, refusals } = this.#parts
    const { typed: name } = lane
    refusals.note(lane, reason)
    if (name) await database.transaction((trx) => countTyped(trx, name, clock.now()))
    return { allowed: false, lane, reason }
  }

  /** Notes for the record that a CAPTCHA was asked for instead of an evaluation. */
  noteChallenge(lane: Lane): void {
    this.#parts.refusals.note(lane, 'challenge')
  }

  /** Notes that the guess was wrong; true when the owner is to be told, once a day. */
  async fail(trx: Trx, { lane, state }: GrantedGuess): Promise<boolean> {
    const now = this.#parts.clock.now()
    if (lane.kind === 'factor') return failFactor(trx, { allowed: true, lane, state }, now)
    if (lane.kind === 'reauth') return failReauth(trx, lane, now)
    if (lane.lane === strangers) {
      const own = lane.kind === 'device' ? lane.deviceLane : lane.share
      await addToShare(trx, { subject: lane.subject, lane: own ?? lane.share }, now)
    }
    await noteLaneFailure(trx, lane, now)
    if (lane.typed) await countTyped(trx, lane.typed, now)
    if (lane.kind === 'device' && lane.lane !== strangers) {
      await addToShare(trx, { subject: lane.subject, lane: devices }, now)
      await addToShare(trx, { subject: lane.subject, lane: lane.ownShare }, now)
    }
    return this.#warn(trx, lane, lane.lane === strangers && state.streak >= this.#warnAfter())
  }

  /** Whether the owner is to be told now of what is wrong for another reason: true once a day. */
  warn(trx: Trx, { lane }: GrantedGuess): Promise<boolean> {
    return this.#warn(trx, lane, true)
  }

  async #warn(trx: Trx, lane: Lane, isDue: boolean): Promise<boolean> {
    if (!isDue) return false
    const now = this.#parts.clock.now()
    if (lane.kind === 'factor') return warnOfFactor(trx, lane, now)
    return claimWarning(trx, lane, { now, everyMs: quietMs })
  }

  /**
   * Notes that the guess was right. A known device and a session begin anew. Strangers get back
   * this guess and the earlier failures of this client: an owner's success leaves an attacker with
   * what was left.
   */
  async succeed(trx: Trx, { lane, state }: GrantedGuess): Promise<void> {
    const now = this.#parts.clock.now()
    const { subject } = lane
    if (lane.kind === 'factor') return succeedFactor(trx, { allowed: true, lane, state }, now)
    if (lane.kind === 'reauth') return succeedReauth(trx, lane, now)
    if (lane.kind === 'device') await this.#takeBack(trx, lane)
    if (lane.lane !== strangers) return resetLane(trx, lane, now)
    const share = await takeShare(trx, { subject, lane: lane.share })
    const guesses = share + (lane.rule.counts ? 1 : 0)
    const streak = lane.rule.lock ? state.streak : share + 1
    await refundLane(trx, lane, { guesses, streak, openAt: state.openAt, now })
    await deleteClean(trx, lane)
    if (lane.deviceLane !== undefined) {
      await resetLane(trx, { subject, lane: lane.deviceLane }, now)
    }
    if (lane.typed) await takeBackTyped(trx, lane.typed)
  }

  /** Gives back a guess that was not evaluated after all, with the delay that it began. */
  async release(trx: Trx, { lane, state }: GrantedGuess): Promise<void> {
    if (lane.rule.isFree) return
    const guesses = lane.rule.counts ? 1 : 0
    const now = this.#parts.clock.now()
    const { budget, subject } = lane
    if (budget) await returnToBudget(trx, { subject, lane: budget.lane }, 1)
    await refundLane(trx, lane, { guesses, streak: 1, openAt: state.openAt, now })
    await deleteClean(trx, lane)
  }

  /**
   * Opens every lane of an account: after a reset, a change of the password, an unlock. What was counted
   * by typed names stays, or names whose CAPTCHA is gone at one instant would belong together.
   * @internal takes a transaction of ours
   */
  clear(trx: Trx, userId: string): Promise<void> {
    return deleteLanes(trx, userId)
  }

  /**
   * Opens the lanes of one second factor, which is another one now or whose owner has proven both
   * factors; without `method` those of all.
   * @internal takes a transaction of ours
   */
  openFactor(trx: Trx, userId: string, method?: string): Promise<void> {
    return deleteLanes(trx, factorSubject(userId), method)
  }

  /**
   * Begins anew what known devices got wrong together at codes of an app, when a reset has forgotten them
   * all: none counts as known again without a right code.
   * @internal takes a transaction of ours
   */
  async openDevices(trx: Trx, userId: string): Promise<void> {
    for (const lane of lanesOfDevices) await deleteLanes(trx, factorSubject(userId), lane)
  }

  /** What is remembered of an account. */
  async stateOf(db: Db, userId: string): Promise<ThrottleState> {
    const now = this.#parts.clock.now()
    const rows = await findLanesOf(db, userId)
    return throttleState(rows, { lane: strangers, rule: this.#ruleOf(false), now })
  }

  /**
   * The job that forgets lanes after 400 quiet days and typed names after one, whether or not somebody
   * has the name.
   */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    return sweepLanes(database, clock.now(), signal)
  }

  /** An owner's success takes back what this client got wrong, not what the holder of a copy did elsewhere. */
  async #takeBack(trx: Trx, { ownShare, subject }: Lane): Promise<void> {
    const guesses = await takeShare(trx, { subject, lane: ownShare })
    if (guesses === 0) return
    const together = { subject, lane: devices }
    await refundLane(trx, together, { guesses, streak: 0, openAt: 0, now: 0 })
    await deleteClean(trx, together)
  }

  /** Strict mode locks everybody, but only strangers can use a credential up. */
  #ruleOf(known: boolean): LaneRule {
    const { attempts, durationMs, guesses, mode } = this.#parts.rules
    if (mode === 'adaptive') return { limit: known ? deviceLimit : guesses, counts: true }
    const limit = known ? Number.POSITIVE_INFINITY : guesses
    return { limit, counts: !known, lock: { attempts, durationMs } }
  }

  #warnAfter(): number {
    const { attempts, mode } = this.#parts.rules
    return mode === 'strict' ? Math.min(warnAfter, attempts) : warnAfter
  }

  #hash(text: string): string {
    return hmacSha256(this.#parts.hashKey, text).toString('base64url')
  }
}
