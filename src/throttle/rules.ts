/** What a lane remembers of the guesses that went through it. Instants in epoch milliseconds. */
export interface LaneState {
  /** Guesses that count towards the limit of the lane. */
  readonly guesses: number
  /** Guesses since the lane was last quiet, or since its last lock ended. */
  readonly streak: number
  /** No guess is evaluated before this instant. */
  readonly openAt: number
  /** The last guess that was evaluated. */
  readonly lastAt: number
}

/** What a lane allows. */
export interface LaneRule {
  /** Most guesses that count; none is evaluated beyond. */
  readonly limit: number
  /** False where a guess lengthens the streak alone: a known device under a lock for everyone. */
  readonly counts: boolean
  /** Strict mode: so many in a streak lock the lane for so long. Absent: delays grow. */
  readonly lock?: { readonly attempts: number; readonly durationMs: number }
  /** Where delays grow: what they grow to, 15 minutes at most, which is the default. */
  readonly longestDelayMs?: number
  /** Nothing is held back and nothing counted: what cannot be guessed. */
  readonly isFree?: true
}

/** Why a guess is not evaluated. */
export type LaneRefusal = 'throttled' | 'exhausted' | 'locked'

export type LaneVerdict =
  | { readonly allowed: true; readonly next: LaneState }
  | { readonly allowed: false; readonly reason: LaneRefusal }

/** After a day without a guess a streak is over; the count of guesses is not. */
export const quietMs = 24 * 60 * 60 * 1000

const freeGuesses = 5
const firstDelayMs = 1_000
const longestDelayMs = 15 * 60 * 1000

/**
 * How long a lane stays closed after the last guess of a streak: not at all for the first four, then
 * one second, doubled with each further guess, and at most 15 minutes.
 */
export function delayAfter(streak: number): number {
  if (streak < freeGuesses) return 0
  return Math.min(firstDelayMs * 2 ** (streak - freeGuesses), longestDelayMs)
}

/** Guesses of the streak that is going on at `now`. */
export function liveStreak(state: LaneState | undefined, now: number): number {
  return state && now - state.lastAt < quietMs ? state.streak : 0
}

/** How long a lane is still closed at `now`: 0 when it is open, or was closed by a clock gone wrong. */
export function waitOf(state: LaneState, rule: LaneRule, now: number): number {
  const wait = state.openAt - now
  const longestMs = rule.lock?.durationMs ?? rule.longestDelayMs ?? longestDelayMs
  return wait > 0 && wait <= longestMs ? wait : 0
}

/**
 * Whether one more guess may be evaluated, and what the lane remembers then. Pure: the caller writes
 * `next` only if the lane is still as it was read, so that a burst takes its turns one by one.
 */
export function judge(state: LaneState | undefined, rule: LaneRule, now: number): LaneVerdict {
  const guesses = state?.guesses ?? 0
  if (guesses >= rule.limit) return { allowed: false, reason: 'exhausted' }
  if (state && waitOf(state, rule, now) > 0) {
    return { allowed: false, reason: rule.lock ? 'locked' : 'throttled' }
  }
  const before = liveStreak(state, now)
  const streak = rule.lock && before >= rule.lock.attempts ? 1 : before + 1
  const next = {
    guesses: guesses + (rule.counts ? 1 : 0),
    streak,
    openAt: now + closedMs(rule, streak),
    lastAt: now,
  }
  return { allowed: true, next }
}

function closedMs(
  { lock, longestDelayMs: mostMs = longestDelayMs }: LaneRule,
  streak: number,
): number {
  if (!lock) return Math.min(delayAfter(streak), mostMs)
  return streak >= lock.attempts ? lock.durationMs : 0
}
