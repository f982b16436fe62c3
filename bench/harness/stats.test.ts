import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference, figureOf, median, percentile, ratio, shuffled } from './stats.ts'

const values = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1 })

describe('median and percentile', () => {
  it('the median of an even count is the mean of the two in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('the median does not depend on order and lies within the values', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const middle = median(numbers)
        expect(middle).toBe(median([...numbers].reverse()))
        expect(middle).toBeGreaterThanOrEqual(Math.min(...numbers))
        expect(middle).toBeLessThanOrEqual(Math.max(...numbers))
      }),
    )
  })

  it('nothing has no median', () => {
    expect(() => median([])).toThrow(RangeError)
  })

  it('a percentile is a value that was measured', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, share) => {
        expect(numbers).toContain(percentile(numbers, share))
      }),
    )
    expect(percentile([1, 2, 3, 4], 1)).toBe(4)
  })
})

describe('a figure', () => {
  it('counts each process once, however many rounds it had', () => {
    const figure = figureOf([[10, 10, 10, 10, 10], [20], [30]])
    expect(figure).toEqual({ value: 20, spread: 20, processes: [10, 20, 30] })
  })

  it('takes its spread from the rounds where there is one process alone', () => {
    expect(figureOf([[5, 9, 6]])).toEqual({ value: 6, spread: 4, processes: [6] })
  })
})

describe('a comparison', () => {
  const steady = { value: 10, spread: 1, processes: [] }
  const wild = { value: 14, spread: 9, processes: [] }

  it('is unresolved when the difference is not larger than the spread of either', () => {
    expect(difference(wild, steady)).toEqual({ value: 4, spread: 9, resolved: false })
    expect(difference({ ...wild, spread: 3.9 }, steady).resolved).toBe(true)
    expect(difference({ ...wild, spread: 4 }, steady).resolved).toBe(false)
  })

  it('as a ratio inherits the larger relative spread', () => {
    expect(ratio(steady, { ...steady, value: 5 })).toEqual({
      value: 2,
      spread: 0.4,
      resolved: true,
    })
  })
})

describe('the order of processes', () => {
  it('is a permutation and leaves the given list alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (numbers) => {
        const before = [...numbers]
        const mixed = shuffled(numbers)
        expect(numbers).toEqual(before)
        expect(mixed.sort((a, b) => a - b)).toEqual(before.sort((a, b) => a - b))
      }),
    )
  })

  it('follows the random source', () => {
    expect(shuffled([1, 2, 3], () => 0)).toEqual([2, 3, 1])
    expect(shuffled([1, 2, 3], () => 0.999)).toEqual([1, 2, 3])
  })
})
