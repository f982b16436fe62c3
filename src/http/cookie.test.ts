import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearCookie, hostCookie, hostCookieName, readCookie, serializeCookie } from './cookie.ts'

describe('reading', () => {
  it.each([
    ['a=1', 'a', '1'],
    ['a=1; b=2', 'b', '2'],
    ['a=1;b=2', 'b', '2'],
    [' a=1 ;\tb=2\t', 'b', '2'],
    ['a=', 'a', ''],
    ['a=b=c', 'a', 'b=c'],
    ['a="q"', 'a', '"q"'],
    ['a=%41', 'a', '%41'],
    ['aa=1', 'a', undefined],
    ['ba=1', 'a', undefined],
    ['a', 'a', undefined],
    ['A=1', 'a', undefined],
    ['=a=1', 'a', undefined],
    ['', 'a', undefined],
    [';;;', 'a', undefined],
    ['__Host-hf_session=x', '__Host-hf_session', 'x'],
    ['hf_session=x', '__Host-hf_session', undefined],
  ])('%j has %s as %j', (header, name, value) => {
    expect(readCookie(header, name)).toBe(value)
  })

  it('a name that appears twice counts as absent, even with equal values', () => {
    expect(readCookie('a=1; a=2', 'a')).toBeUndefined()
    expect(readCookie('a=1; b=3; a=1', 'a')).toBeUndefined()
  })

  it('without a header there is no cookie', () => {
    expect(readCookie(undefined, 'a')).toBeUndefined()
  })

  it('what was written is read again, whatever stands around it', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9_-]{0,60}$/)
    const other = fc.stringMatching(/^[!#-+\--:<-~ ]{0,40}$/)
    fc.assert(
      fc.property(value, other, other, (secret, before, after) => {
        fc.pre(!`${before};${after}`.includes('hf_x'))
        expect(readCookie(`${before}; hf_x=${secret}; ${after}`, 'hf_x')).toBe(secret)
      }),
    )
  })

  it('any header is read without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('a', '__Host-hf_session'), (header, name) => {
        const value = readCookie(header, name)
        if (value !== undefined) expect(header).toContain(`${name}=${value}`)
      }),
    )
  })
})

describe('writing', () => {
  it('a cookie of ours is __Host-, HttpOnly, Secure, SameSite', () => {
    expect(hostCookie('hf_session', 'host', { value: 'abc', maxAgeSeconds: 60 })).toBe(
      '__Host-hf_session=abc; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax',
    )
  })

  it('the exception on localhost has another name and is not Secure', () => {
    expect(hostCookie('hf_session', 'insecure-localhost', { value: 'abc' })).toBe(
      'hf_session=abc; Path=/; HttpOnly; SameSite=Lax',
    )
    expect(hostCookieName('hf_session', 'host')).toBe('__Host-hf_session')
  })

  it('clearing sends the same name and attributes with an age of zero', () => {
    expect(clearCookie('hf_session', 'host')).toBe(
      '__Host-hf_session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
    )
  })

  const plain = {
    name: 'a',
    value: 'b',
    sameSite: 'Lax',
    secure: true,
    httpOnly: true,
    path: '/',
  } as const

  it.each([
    { name: '' },
    { name: 'a b' },
    { name: 'a=b' },
    { name: 'a;b' },
    { value: 'x; Domain=evil.example' },
    { value: 'x\r\nset-cookie: y=z' },
    { value: 'x,y' },
    { value: 'é' },
    { path: '/; Domain=evil.example' },
    { path: 'relative' },
    { maxAgeSeconds: 1.5 },
    { maxAgeSeconds: -1 },
    { maxAgeSeconds: Number.NaN },
    { name: '__Host-a', secure: false },
    { name: '__Host-a', path: '/app' },
    { name: '__Secure-a', secure: false },
    { sameSite: 'None', secure: false } as const,
  ])('attributes that would lie or smuggle are refused: %j', (change) => {
    expect(() => serializeCookie({ ...plain, ...change })).toThrow(TypeError)
  })

  it('no value gets a line break or a semicolon through', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        try {
          expect(serializeCookie({ ...plain, value })).toBe(
            `a=${value}; Path=/; HttpOnly; Secure; SameSite=Lax`,
          )
          expect(value).not.toMatch(/[\s;,"\\]/)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
        }
      }),
    )
  })
})
