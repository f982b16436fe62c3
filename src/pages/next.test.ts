import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localPath } from './next.ts'

const base = 'https://shop.example'
const local = (next: string | undefined) => localPath(next, '/account', base)

describe('after a sign-in', () => {
  it.each([
    ['/', '/'],
    ['/orders?page=2&q=a%20b#last', '/orders?page=2&q=a%20b#last'],
    ['/a/../b', '/b'],
    ['/käse', '/k%C3%A4se'],
    ['/go?to=https://evil.example', '/go?to=https://evil.example'],
    ['/@evil.example', '/@evil.example'],
    ['/a\\b', '/a/b'],
  ])('a path of this site is followed: %j', (next, followed) => {
    expect(local(next)).toBe(followed)
  })

  it.each([
    undefined,
    '',
    'orders',
    'https://shop.example/orders',
    'https://evil.example',
    'HTTPS:evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/./\\evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nset-cookie: a=b',
    '\t//evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '@evil.example',
    '.evil.example',
    ':443@evil.example',
    `/${'a'.repeat(2_000)}`,
  ])('%j leads to the account', (next) => {
    expect(local(next)).toBe('/account')
  })

  it('nobody is led to another site, whatever is asked for', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '\\', '.', '..', '%2f', '%5c', '@', ':', '?', '#', '\t', '\n', ' '),
      fc.constantFrom('evil.example', 'https:', '／', '。', '%09', 'x'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    )
    const asked = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`)
    let followed = 0
    fc.assert(
      fc.property(asked, (next) => {
        const path = local(next)
        if (path !== '/account') followed += 1
        expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/)
        expect(new URL(path, base).origin).toBe(base)
        expect(new URL(path, `${base}/account/sign-in`).href).toBe(base + path)
      }),
      { numRuns: 5_000 },
    )
    expect(followed).toBeGreaterThan(1_000)
  })
})
