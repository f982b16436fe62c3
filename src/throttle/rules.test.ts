import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delayAfter, judge, type LaneRule, type LaneState, liveStreak, quietMs } from './rules.ts'

const growing: LaneRule = { limit: 100, counts: true }
const strict: LaneRule = { limit: 100, counts: true, lock: { attempts: 5, durationMs: 900_000 } }
const start = Date.UTC(2026, 0, 1)
const minute = 60_000

/** Guesses at these instants, one after the other; which were allowed, and what is left behind. */
function guess(rule: LaneRule, instants: readonly number[], from?: LaneState) {
  let state = from
  const answers = instants.map((now) => {
    const verdict = judge(state, rule, now)
    if (verdict.allowed) state = verdict.next
    return verdict.allowed ? 'allowed' : verdict.reason
  })
  return { answers, state }
}

const times = (count: number, stepMs: number, from = start) =>
  Array.from({ length: count }, (_, n) => from + n * stepMs)

describe('delays', () => {
  it('grow from one second after the fifth guess to 15 minutes, and no further', () => {
    expect([1, 2, 3, 4].map(delayAfter)).toEqual([0, 0, 0, 0])
    expect([5, 6, 7, 8, 14, 15, 99].map(delayAfter)).toEqual([
      ...[1_000, 2_000, 4_000, 8_000, 512_000, 900_000, 900_000],
    ])
  })

  it('close a lane to every guess until they have passed, to the millisecond', () => {
    const { state } = guess(growing, times(5, 0))
    expect(guess(growing, [start, start + 999, start + 1_000], state).answers).toEqual([
      ...['throttled', 'throttled', 'allowed'],
    ])
  })

  it('leave an attacker 14 guesses in ten minutes and 100 in two days, whatever the pace', () => {
    const allowed = (answers: readonly string[]) => answers.filter((one) => one === 'allowed')
    expect(allowed(guess(growing, times(6_000, 100)).answers)).toHaveLength(14)
    const day = guess(growing, times(2 * 24 * 60 * 60, 1_000))
    expect(allowed(day.answers)).toHaveLength(100)
    expect(day.answers.at(-1)).toBe('exhausted')
  })

  it('of a clock that ran ahead are over at once', () => {
    const ahead = { guesses: 6, streak: 6, openAt: start + 24 * 60 * minute, lastAt: start }
    expect(guess(growing, [start], ahead).answers).toEqual(['allowed'])
  })

  it('begin anew after a quiet day; the count of guesses does not', () => {
    const { state } = guess(growing, times(8, minute))
    const later = (state?.lastAt ?? 0) + quietMs
    expect(liveStreak(state, later - 1)).toBe(8)
    expect(liveStreak(state, later)).toBe(0)
    expect(guess(growing, [later], state).state).toMatchObject({ guesses: 9, streak: 1 })
  })
})

describe('a strict lock', () => {
  it('closes the lane after its attempts, ends by itself, and leaves as many again', () => {
    const first = guess(strict, times(7, 0))
    expect(first.answers).toEqual([...Array(5).fill('allowed'), 'locked', 'locked'])
    const end = start + 15 * minute
    expect(guess(strict, [end - 1], first.state).answers).toEqual(['locked'])
    expect(guess(strict, Array(6).fill(end), first.state).answers).toEqual([
      ...[...Array(5).fill('allowed'), 'locked'],
    ])
  })

  it('leaves a known device out of the count that is for ever, and not out of the lock', () => {
    const known: LaneRule = { ...strict, limit: Number.POSITIVE_INFINITY, counts: false }
    const spent = { guesses: 100, streak: 0, openAt: start, lastAt: start }
    expect(guess(strict, [start], spent).answers).toEqual(['exhausted'])
    const { answers, state } = guess(known, times(6, 0), spent)
    expect(answers).toEqual([...Array(5).fill('allowed'), 'locked'])
    expect(state?.guesses).toBe(100)
  })
})

describe('any course of guesses', () => {
  it('stays within the limit, and no guess is allowed while the lane is closed', () => {
    const counts = { allowed: 0, refused: 0 }
    fc.assert(
      fc.property(
        fc.constantFrom(growing, strict, { ...growing, limit: 20 }),
        fc.array(
          fc.oneof(
            fc.nat(2_000),
            fc.nat(20 * minute),
            fc.integer({ min: 15 * minute, max: 3 * quietMs }),
          ),
          {
            minLength: 100,
            maxLength: 150,
          },
        ),
        (rule, pauses) => {
          let now = start
          let state: LaneState | undefined
          for (const pause of pauses) {
            now += pause
            const before = state
            const verdict = judge(state, rule, now)
            counts[verdict.allowed ? 'allowed' : 'refused'] += 1
            if (!verdict.allowed) continue
            expect(before?.openAt ?? 0).toBeLessThanOrEqual(now)
            expect(before?.guesses ?? 0).toBeLessThan(rule.limit)
            expect(verdict.next.openAt - now).toBeLessThanOrEqual(15 * minute)
            expect(verdict.next.guesses).toBe((before?.guesses ?? 0) + 1)
            state = verdict.next
          }
        },
      ),
      { numRuns: 300, seed: 11 },
    )
    const total = counts.allowed + counts.refused
    console.log(`guesses: ${JSON.stringify(counts)}`)
    expect(Math.min(counts.allowed, counts.refused) / total).toBeGreaterThan(0.3)
  })
})
