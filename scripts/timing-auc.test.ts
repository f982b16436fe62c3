import { expect, it } from 'vitest'
import { median, separation } from './timing-auc.ts'

it('the area is 1 when every value is above, 0 when below, half when alike', () => {
  expect(separation([4, 5, 6], [1, 2, 3]).auc).toBe(1)
  expect(separation([1, 2, 3], [4, 5, 6]).auc).toBe(0)
  expect(separation([1, 2, 3, 4], [1, 2, 3, 4]).auc).toBe(0.5)
  expect(separation([2, 2, 2], [2, 2]).auc).toBe(0.5)
})

it('the area counts pairs, and a tie is half a pair', () => {
  const a = [3, 7, 7, 1, 9, 4]
  const b = [7, 2, 5, 4]
  const pairs: number[] = a.flatMap((one) =>
    b.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)),
  )
  const mean = pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length
  expect(separation(a, b).auc).toBeCloseTo(mean, 12)
})

it('at 2,000 pairs the standard error is 0.009', () => {
  const many = Array.from({ length: 2_000 }, (_, at) => at)
  expect(separation(many, many).error).toBeCloseTo(0.0091, 4)
})

it('the median is the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([7])).toBe(7)
})
