import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { limitHeaders, rateLimited } from './headers.ts'
import { MemoryLimits } from './memory.ts'
import { type LimitPolicy, verdictOf } from './policy.ts'

const policy: LimitPolicy = { name: 'reads', points: 2, windowMs: 60_000, store: 'memory' }

/** Reads what a client reads; `t` may be missing. */
function parsed(fields: readonly string[]) {
  const [, w] = /^"reads";q=\d+;w=(\d+)$/.exec(fields[1] ?? '') ?? []
  const [, r, t] = /^"reads";r=(\d+)(?:;t=(\d+))?$/.exec(fields[3] ?? '') ?? []
  return { w: Number(w), r: Number(r), t: t === undefined ? undefined : Number(t) }
}

/** A clock that stands at one instant, of fractions of a millisecond as that of the system. */
const standing = (at: number) =>
  Object.assign(new ManualClock(), { monotonic: () => at }) as ManualClock

describe('the seconds until points come back', () => {
  it('are never more than the window, at whatever fraction of a millisecond it begins', () => {
    const instant = fc.double({ min: 0, max: 1e5, noNaN: true })
    const window = fc.integer({ min: 1, max: 90_000 })
    fc.assert(
      fc.property(instant, window, (at, seconds) => {
        const by = { ...policy, windowMs: seconds * 1_000 }
        const limits = new MemoryLimits(standing(at), 10)
        for (let use = 0; use < 3; use++) {
          const { t, w } = parsed(limitHeaders(limits.consume(by, 'a', 1)))
          expect([w, t]).toEqual([seconds, seconds])
        }
      }),
      { examples: [[1000.3, 60]], numRuns: 500 },
    )
  })

  it('are never more than the window, whatever the clock of another node made of its end', () => {
    const ms = fc.integer({ min: 1, max: 10_000_000 })
    const block = fc.option(ms, { nil: undefined })
    fc.assert(
      fc.property(ms, block, ms, fc.boolean(), (windowMs, blockMs, left, allowed) => {
        const by = { ...policy, windowMs, ...(blockMs === undefined ? {} : { blockMs }) }
        const verdict = verdictOf(by, allowed, { used: 1, endsAt: 5 + left, now: 5, store: 'sql' })
        const { t, w } = parsed(limitHeaders(verdict))
        expect(t ?? 0).toBeLessThanOrEqual(w)
        const longest = Math.max(windowMs, blockMs ?? 0)
        const { retryAfter = 0 } = rateLimited(verdict).extras
        expect(retryAfter).toBeLessThanOrEqual(Math.ceil(longest / 1_000))
        if (t !== undefined) expect(retryAfter).toBe(t)
      }),
    )
  })

  it('of a block that outlasts its window are told by Retry-After alone', () => {
    const limits = new MemoryLimits(new ManualClock(), 10)
    const refused = limits.consume({ ...policy, points: 1, blockMs: 600_000 }, 'a', 2)
    const { headers, retryAfter } = rateLimited(refused).extras
    expect([retryAfter, headers?.ratelimit]).toEqual([600, '"reads";r=0'])
  })
})
