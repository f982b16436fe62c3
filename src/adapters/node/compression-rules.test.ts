import { expect, it } from 'vitest'
import { type Answer, type Exchange, newExchangeState } from '../../http/index.ts'
import { mayBePacked } from './compression.ts'

const long = Buffer.alloc(5_000)
const exchangeOf = (change: Partial<Exchange['state']> = {}) =>
  ({
    method: 'GET',
    headers: {},
    state: { ...newExchangeState(), ...change },
  }) as unknown as Exchange
const plain: Answer = { status: 200, json: {} }

it('text that belongs to nobody may be packed', () => {
  expect(mayBePacked(exchangeOf(), plain, long)).toBe(true)
})

it.each<[string, Partial<Exchange['state']>, Answer, Uint8Array]>([
  ['a short answer', {}, plain, long.subarray(0, 1_000)],
  ['an answer to a bearer token', { credential: 'bearer' }, plain, long],
  ['an answer to a cookie', { credential: 'cookie' }, plain, long],
  ['an answer to an API key', { credential: 'api_key' }, plain, long],
  ['an answer that sets a cookie', {}, { ...plain, cookies: ['a=b'] }, long],
  ['one that sets it by a header', {}, { ...plain, headers: { 'set-cookie': 'a=b' } }, long],
  ['what must not be stored', {}, { ...plain, headers: { 'cache-control': 'no-store' } }, long],
  ['what is private', {}, { ...plain, headers: { 'cache-control': 'private, max-age=1' } }, long],
  [
    'what the pipeline says must not be stored',
    { responseHeaders: ['cache-control', 'no-store'] },
    plain,
    long,
  ],
  ['what is packed already', {}, { ...plain, headers: { 'content-encoding': 'gzip' } }, long],
  ['a problem', {}, { ...plain, status: 400 }, long],
  ['something made', {}, { ...plain, status: 201 }, long],
])('%s may not', (_, state, answer, body) => {
  expect(mayBePacked(exchangeOf(state), answer, body)).toBe(false)
})

it.each([
  ['a change', { method: 'POST' }],
  [
    'what answers any cookie, such as that of a sign-in that has begun',
    { headers: { cookie: 'a=b' } },
  ],
  ['what answers a credential that was wrong', { headers: { authorization: 'Bearer x' } }],
  ['what answers an API key', { headers: { 'x-api-key': 'x' } }],
])('%s may not be packed', (_, change) => {
  expect(mayBePacked({ ...exchangeOf(), ...change }, plain, long)).toBe(false)
})
