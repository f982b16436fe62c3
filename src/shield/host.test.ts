import { expect, it } from 'vitest'
import { localhostRedirect } from './host.ts'

const facts = {
  method: 'GET',
  host: '127.0.0.1:3000',
  path: '/auth/login',
  query: 'next=%2F',
  ownOrigin: 'http://localhost:3000',
}

it('a page opened by a loopback address moves to localhost, path and query kept', () => {
  expect(localhostRedirect(facts)).toBe('http://localhost:3000/auth/login?next=%2F')
  expect(localhostRedirect({ ...facts, host: '[::1]:3000', query: '' })).toBe(
    'http://localhost:3000/auth/login',
  )
})

it.each([
  { host: 'localhost:3000' },
  { host: undefined },
  { host: 'evil.example' },
  { host: '127.0.0.1.evil.example' },
  { method: 'POST' },
  { ownOrigin: 'https://shop.example' },
])('nothing else moves: %j', (change) => {
  expect(localhostRedirect({ ...facts, ...change })).toBeUndefined()
})

it.each(['//evil.example/x', '/\\evil.example', '/@evil.example', '/.evil.example'])(
  'no path leads away from home: %s',
  (path) => {
    const location = localhostRedirect({ ...facts, path })
    expect(location && new URL(location).origin).toBe('http://localhost:3000')
  },
)
