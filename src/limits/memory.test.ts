import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { MemoryLimits } from './memory.ts'
import type { LimitPolicy } from './policy.ts'

const policy: LimitPolicy = { name: 'general', points: 5, windowMs: 60_000, store: 'memory' }

function counter(maxKeys = 1_000, clock = new ManualClock()) {
  const limits = new MemoryLimits(clock, maxKeys)
  const take = (key: string, by = policy, points = 1) => limits.consume(by, key, points)
  return { clock, limits, take }
}

describe('a window', () => {
  it('lets through its points and not one more', () => {
    const { take } = counter()
    const allowed = Array.from({ length: 8 }, () => take('a').allowed)
    expect(allowed).toEqual([true, true, true, true, true, false, false, false])
  })

  it('begins with the first use and refills when it ends', async () => {
    const { clock, take } = counter()
    await clock.advance(59_000)
    for (let use = 0; use < 5; use += 1) take('a')
    await clock.advance(59_999)
    expect(take('a').allowed).toBe(false)
    await clock.advance(1)
    expect(take('a')).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('tells what is left and when it ends', async () => {
    const { clock, take } = counter()
    expect(take('a')).toMatchObject({
      ...{ allowed: true, policy: 'general', limit: 5, remaining: 4 },
      ...{ resetSeconds: 60, windowSeconds: 60 },
    })
    await clock.advance(30_500)
    expect(take('a', policy, 4)).toMatchObject({ remaining: 0, resetSeconds: 30 })
    await clock.advance(29_400)
    expect(take('a')).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 1 })
  })

  it('is of one key and one policy', () => {
    const { take } = counter()
    for (let use = 0; use < 6; use += 1) take('a')
    expect(take('b').allowed).toBe(true)
    expect(take('a', { ...policy, name: 'other' }).allowed).toBe(true)
    expect(take('a').allowed).toBe(false)
  })

  it('counts nothing that it refuses', () => {
    const { take } = counter()
    take('a', policy, 3)
    expect(take('a', policy, 3).allowed).toBe(false)
    expect(take('a', policy, 2).allowed).toBe(true)
    expect(take('b', policy, 6).allowed).toBe(false)
    expect(take('b', policy, 5).allowed).toBe(true)
  })

  it('is told by peek without being opened or used', () => {
    const { limits, take } = counter()
    expect(limits.peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
    take('a', policy, 5)
    expect(limits.peek(policy, 'a')).toMatchObject({ allowed: false, remaining: 0 })
    expect(take('b', policy, 5).allowed).toBe(true)
  })

  it('forgets by reset', () => {
    const { limits, take } = counter()
    take('a', policy, 5)
    limits.reset(policy, 'a')
    expect(take('a').remaining).toBe(4)
  })

  it('does not follow a wall clock that jumps', () => {
    const clock = new ManualClock()
    let wall = clock.now()
    const jumping = { now: () => wall, monotonic: () => clock.monotonic(), after: clock.after }
    const limits = new MemoryLimits(jumping, 10)
    limits.consume(policy, 'a', 5)
    for (const jump of [3_600_000, -7_200_000]) {
      wall += jump
      expect(limits.consume(policy, 'a', 1)).toMatchObject({ allowed: false, resetSeconds: 60 })
    }
  })
})

describe('a refund', () => {
  it('gives back to the window it was taken from', () => {
    const { limits, take } = counter()
    const { endsAt } = take('a', policy, 5)
    limits.refund(policy, 'a', { points: 2, endsAt })
    expect(take('a', policy, 2).allowed).toBe(true)
    expect(take('a').allowed).toBe(false)
  })

  it('gives nothing to a later window, and never more than was used', async () => {
    const { clock, limits, take } = counter()
    const { endsAt } = take('a', policy, 5)
    await clock.advance(60_000)
    const later = take('a', policy, 5)
    limits.refund(policy, 'a', { points: 5, endsAt })
    expect(take('a').allowed).toBe(false)
    limits.refund(policy, 'a', { points: 50, endsAt: later.endsAt })
    expect(take('a').remaining).toBe(4)
  })
})

describe('a block', () => {
  const blocking: LimitPolicy = { ...policy, blockMs: 600_000 }

  it('begins with the first refusal, is not drawn out by more, and ends by itself', async () => {
    const { clock, take } = counter()
    take('a', blocking, 5)
    expect(take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 600 })
    await clock.advance(599_000)
    expect(take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 1 })
    await clock.advance(1_000)
    expect(take('a', blocking)).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('is not lifted by a refund', () => {
    const { limits, take } = counter()
    const { endsAt } = take('a', blocking, 5)
    take('a', blocking)
    limits.refund(blocking, 'a', { points: 5, endsAt })
    expect(take('a', blocking).allowed).toBe(false)
    expect(limits.peek(blocking, 'a').allowed).toBe(false)
  })

  it('is lifted by reset', () => {
    const { limits, take } = counter()
    take('a', blocking, 5)
    take('a', blocking)
    limits.reset(blocking, 'a')
    expect(take('a', blocking).allowed).toBe(true)
  })
})

describe('with more keys than there is room for', () => {
  const flood = (take: (key: string) => unknown, count: number, name = 'flood') => {
    for (let index = 0; index < count; index += 1) take(`${name}${index}`)
  }

  it('memory stays bounded', () => {
    const { limits, take } = counter(500)
    flood(take, 20_000)
    expect(limits.keys).toBeLessThanOrEqual(500)
    expect(limits.keys).toBeGreaterThan(400)
  })

  it('a key at its limit is not flushed out by fresh ones', () => {
    const { take } = counter(500)
    take('heavy', policy, 5)
    flood(take, 50_000)
    expect(take('heavy').allowed).toBe(false)
  })

  it('a blocked key is not flushed out either, not even by keys at their limit', () => {
    const { take } = counter(500)
    const blocking = { ...policy, blockMs: 600_000 }
    take('culprit', blocking, 5)
    take('culprit', blocking)
    for (let index = 0; index < 5_000; index += 1) take(`full${index}`, blocking, 5)
    expect(take('culprit', blocking).allowed).toBe(false)
  })

  it('ended windows make room before living ones', async () => {
    const { clock, take } = counter(500)
    flood(take, 400, 'old')
    await clock.advance(60_000)
    take('young')
    flood(take, 400, 'new')
    expect(take('young').remaining).toBe(3)
  })

  it('when all are at their limit the oldest go, and it still counts', () => {
    const { limits, take } = counter(64)
    for (let index = 0; index < 1_000; index += 1) take(`full${index}`, policy, 5)
    expect(limits.keys).toBeLessThanOrEqual(64)
    expect(take('full999').allowed).toBe(false)
  })

  it('a key of any length costs no more than a short one', () => {
    const { take } = counter()
    const long = 'k'.repeat(100_000)
    take(long, policy, 5)
    expect(take(long).allowed).toBe(false)
    expect(take(`${long}2`).allowed).toBe(true)
  })
})

it('whatever is asked in whatever order, a window never gives more than its points', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('take'),
      key: fc.constantFrom('a', 'b'),
      points: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      kind: fc.constant('wait'),
      key: fc.constant(''),
      points: fc.integer({ min: 1, max: 40 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, take } = counter(2)
      const given = new Map<string, number>()
      for (const { kind, key, points } of steps) {
        if (kind === 'wait') await clock.advance(points * 1_000)
        else {
          const verdict = take(key, policy, points)
          const window = `${key}@${verdict.endsAt}`
          const sum = (given.get(window) ?? 0) + (verdict.allowed ? points : 0)
          given.set(window, sum)
          expect(sum).toBeLessThanOrEqual(5)
          if (verdict.allowed) expect(verdict.remaining).toBe(5 - sum)
          else expect(sum + points).toBeGreaterThan(5)
        }
      }
    }),
  )
})
