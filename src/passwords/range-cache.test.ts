import { expect, it } from 'vitest'
import { ManualClock } from '../../test/manual-clock.ts'
import { RangeCache } from './range-cache.ts'

const hour = 3_600_000
const range = new Set(['A'])
const prefixes = Array.from({ length: 65 }, (_, at) => at.toString(16).padStart(5, '0'))

it('keeps a range for an hour', async () => {
  const clock = new ManualClock()
  const cache = new RangeCache(clock)
  cache.keep('00000', range)
  await clock.advance(hour - 1)
  expect(cache.find('00000')).toBe(range)
  await clock.advance(1)
  expect(cache.find('00000')).toBeUndefined()
  expect(cache.size).toBe(0)
})

it('keeps 64 ranges, and of those the ones that were used last', () => {
  const cache = new RangeCache(new ManualClock())
  for (const prefix of prefixes.slice(0, 64)) cache.keep(prefix, range)
  cache.find('00000')
  cache.keep('00040', range)
  expect(cache.size).toBe(64)
  expect(cache.find('00000')).toBe(range)
  expect(cache.find('00001')).toBeUndefined()
  expect(cache.find('00040')).toBe(range)
})
