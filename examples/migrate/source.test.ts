import { expect, it } from 'vitest'
import { instantOf } from './source.ts'

it('instants are read as date, text, seconds or milliseconds', () => {
  const ms = Date.UTC(2026, 0, 2)
  for (const value of [new Date(ms), '2026-01-02T00:00:00.000Z', ms, ms / 1_000, BigInt(ms)]) {
    expect(instantOf(value)).toBe(ms)
  }
  for (const value of [null, undefined, 'never']) expect(instantOf(value)).toBeUndefined()
})
