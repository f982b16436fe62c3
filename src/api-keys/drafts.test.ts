import { expect, it } from 'vitest'
import { inheritedOf } from './drafts.ts'
import type { ApiKeyRow } from './table.ts'

const row = (more: Partial<ApiKeyRow>) => ({ created_at: 1_000, ...more }) as ApiKeyRow
const bounds = { now: 5_000, maxLifetimeMs: 50, maxLimitPerHour: 10 }

it.each([
  [{ expires_at: null, limit_per_hour: null }, 5_050, null],
  [{ expires_at: 1_020, limit_per_hour: 7 }, 5_020, 7],
  [{ expires_at: 9_000, limit_per_hour: 11 }, 5_050, 10],
])('a successor of %j gets no more than the options allow now', (old, end, limit) => {
  expect(inheritedOf(row(old), bounds)).toMatchObject({ expires_at: end, limit_per_hour: limit })
})

it('a successor of a key without end has none where the options name none', () => {
  const free = { ...bounds, maxLifetimeMs: undefined }
  expect(inheritedOf(row({ expires_at: null }), free).expires_at).toBeNull()
})
