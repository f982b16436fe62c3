import fc from 'fast-check'
import { expect, it } from 'vitest'
import { suggest } from '../errors/index.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { formatSize, parseSize } from './size.ts'

it.each([
  ['200ms', 200],
  ['10s', 10_000],
  ['15m', 900_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['1.5h', 5_400_000],
])('%s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each([
  '',
  '15',
  'm',
  '15 m',
  '-1s',
  '0s',
  '1e3s',
  '15min',
  '0.0001s',
  '１5m',
  '9999999999d',
  '15m\n',
])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined())

it('a duration survives being written and read again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      (ms) => parseDuration(formatDuration(ms)) === ms,
    ),
  )
})

it.each([
  ['512b', 512],
  ['100kb', 102_400],
  ['5MB', 5_242_880],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

it.each(['', '100', 'kb', '1.5kb', '-1kb', '0b', '1gb'])('%j is no size', (text) => {
  expect(parseSize(text)).toBeUndefined()
})

it('a size survives being written and read again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999_999_999 }),
      (bytes) => parseSize(formatSize(bytes)) === bytes,
    ),
  )
})

it.each([
  ['minLenght', 'minLength'],
  ['min_length', 'minLength'],
  ['MINLENGTH', 'minLength'],
  ['baseURL', 'baseUrl'],
  ['xyz', undefined],
  ['', undefined],
])('%j suggests %j', (word, expected) => {
  expect(suggest(word, ['minLength', 'maxLength', 'baseUrl', 'cors'])).toBe(expected)
})
