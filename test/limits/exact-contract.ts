import { beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/index.ts'
import type { ExactLimits } from '../../src/limits/exact.ts'
import type { LimitPolicy, LimitVerdict } from '../../src/limits/policy.ts'
import type { ManualClock } from '../manual-clock.ts'

/** Two nodes that count in the same place, each by connections of its own. */
export interface ExactNodes {
  readonly clock: ManualClock
  readonly limits: readonly [ExactLimits, ExactLimits]
  /** Of the first node. */
  readonly database: Database
  /** Forgets all that is counted. */
  clear(): Promise<void>
}

export const policy: LimitPolicy = { name: 'auth', points: 5, windowMs: 900_000, store: 'sql' }

/** What every store keeps that counts exactly. */
export function countsExactly(nodes: () => ExactNodes): void {
  beforeEach(() => nodes().clear())

  const clock = () => nodes().clock
  const node = (index: number) => nodes().limits[index % 2] as ExactLimits
  const take = (key: string, by = policy, points = 1) => node(0).consume(by, key, points)
  const refund = (key: string, points: number, { endsAt, store }: LimitVerdict, by = policy) =>
    nodes().database.transaction((trx) => node(0).refund(trx, by, { key, points, endsAt, store }))

  /** All at once, every other on the second node. */
  const race = async (callers: number, by: LimitPolicy, key: string) => {
    const all = Array.from({ length: callers }, (_, i) => node(i).consume(by, key, 1))
    return (await Promise.all(all)).filter(({ allowed }) => allowed).length
  }

  describe('of 500 callers at once', () => {
    it.each([1, 2])('exactly five pass where no window was, round %i', async (round) => {
      expect(await race(500, policy, `absent${round}`)).toBe(5)
    })

    it('exactly five pass where a window has ended', async () => {
      for (let use = 0; use < 5; use += 1) await take('ended')
      await clock().advance(900_000)
      expect(await race(500, policy, 'ended')).toBe(5)
      expect(await node(1).peek(policy, 'ended')).toMatchObject({
        allowed: false,
        remaining: 0,
        endsAt: clock().now() + 900_000,
      })
    })

    it('the rest passes where some points are gone', async () => {
      await take('some', policy, 3)
      expect(await race(500, policy, 'some')).toBe(2)
    })

    it('exactly five pass where the sixth begins a block', async () => {
      const blocking = { ...policy, name: 'blocking', blockMs: 3_600_000 }
      expect(await race(500, blocking, 'a')).toBe(5)
      expect((await take('a', blocking)).allowed).toBe(false)
    })

    it('of which each refunds, all that are allowed count up to the limit', async () => {
      const work = Array.from({ length: 100 }, async (_, i) => {
        const verdict = await node(i).consume(policy, 'refunded', 1)
        if (verdict.allowed) await refund('refunded', 1, verdict)
      })
      await Promise.all(work)
      expect((await node(0).peek(policy, 'refunded')).remaining).toBe(5)
    })
  })

  it('what one node counts the other sees', async () => {
    await take('a', policy, 5)
    expect((await node(1).consume(policy, 'a', 1)).allowed).toBe(false)
  })

  it('a verdict tells what is left and when the window ends', async () => {
    expect(await take('a')).toMatchObject({
      ...{ allowed: true, policy: 'auth', limit: 5, remaining: 4 },
      ...{ resetSeconds: 900, windowSeconds: 900 },
    })
    await clock().advance(300_000)
    expect(await take('a', policy, 4)).toMatchObject({ remaining: 0, resetSeconds: 600 })
    expect(await take('a')).toMatchObject({ allowed: false, remaining: 0, resetSeconds: 600 })
    await clock().advance(599_999)
    expect(await take('a')).toMatchObject({ allowed: false, resetSeconds: 1 })
    await clock().advance(1)
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 4, resetSeconds: 900 })
  })

  it('nothing is counted that is refused', async () => {
    await take('a', policy, 3)
    expect((await take('a', policy, 3)).allowed).toBe(false)
    expect((await take('a', policy, 2)).allowed).toBe(true)
    expect((await take('b', policy, 6)).allowed).toBe(false)
    expect((await take('b', policy, 5)).allowed).toBe(true)
  })

  it('peek changes nothing', async () => {
    expect(await node(0).peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
    expect(await take('a', policy, 5)).toMatchObject({ allowed: true, remaining: 0 })
    expect(await node(0).peek(policy, 'a')).toMatchObject({ allowed: false, remaining: 0 })
    await clock().advance(900_000)
    expect(await node(0).peek(policy, 'a')).toMatchObject({ allowed: true, remaining: 5 })
  })

  it('a refund reaches the window it was taken from and no later one', async () => {
    const first = await take('a', policy, 5)
    await refund('a', 1, first)
    expect((await take('a')).allowed).toBe(true)
    await clock().advance(900_000)
    const second = await take('a', policy, 5)
    await refund('a', 5, first)
    expect((await take('a')).allowed).toBe(false)
    await refund('a', 6, second)
    expect((await take('a')).allowed).toBe(false)
  })

  it('a refund falls with the transaction it stands in', async () => {
    const { endsAt, store } = await take('a', policy, 5)
    const failing = nodes().database.transaction(async (trx) => {
      await node(0).refund(trx, policy, { key: 'a', points: 1, endsAt, store })
      throw new Error('undone')
    })
    await expect(failing).rejects.toThrow('undone')
    expect((await take('a')).allowed).toBe(false)
  })

  it('a block begins once, outlasts its window, is not lifted by a refund, and ends', async () => {
    const blocking = { ...policy, blockMs: 3_600_000 }
    const taken = await take('a', blocking, 5)
    expect(await take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 3_600 })
    await clock().advance(1_800_000)
    await refund('a', 5, taken, blocking)
    expect(await node(1).peek(blocking, 'a')).toMatchObject({ allowed: false })
    expect(await take('a', blocking)).toMatchObject({ allowed: false, resetSeconds: 1_800 })
    await clock().advance(1_800_000)
    expect(await take('a', blocking)).toMatchObject({ allowed: true, remaining: 4 })
  })

  it('reset forgets one key of one policy', async () => {
    const other = { ...policy, name: 'other' }
    for (const by of [policy, other]) await take('a', by, 5)
    await node(0).reset(policy, 'a')
    expect((await take('a')).allowed).toBe(true)
    expect((await take('a', other)).allowed).toBe(false)
  })
}
