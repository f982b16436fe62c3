import { expect, it } from 'vitest'
import { AnswerCounts } from './answer-counts.ts'

it('a share of answers by limits and each failing route are told', () => {
  const counts = new AnswerCounts()
  expect(counts.limitedShare).toBe(0)
  for (const status of [200, 200, 429, 503]) counts.note({ method: 'GET', url: '/a?b=c' }, status)
  expect(counts.limitedShare).toBe(0.25)
  expect(counts.failures).toEqual([['503 GET /a', 1]])
  expect(String(counts)).toBe('200: 2, 429: 1, 503: 1')
})
