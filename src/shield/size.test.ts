import { expect, it } from 'vitest'
import { checkSize } from './size.ts'

const limits = { bodyBytes: 100, targetLength: 20 }
const check = (path: string, query: string, length?: string) =>
  checkSize(
    { path, query, headers: length === undefined ? {} : { 'content-length': length } },
    limits,
  )

it('a body announced too large is 413 before it is read', () => {
  expect(check('/a', '', '100')).toBeUndefined()
  expect(check('/a', '', '101')).toMatchObject({ code: 'body_too_large', status: 413 })
  expect(check('/a', '')).toBeUndefined()
})

it('an address too long is 414', () => {
  expect(check('/'.padEnd(10, 'a'), 'b'.repeat(10))).toBeUndefined()
  expect(check('/'.padEnd(10, 'a'), 'b'.repeat(11))).toMatchObject({ code: 'target_too_long' })
})
