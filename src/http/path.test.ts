import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCanonicalPath, ownPath, splitTarget } from './path.ts'

describe('a request target', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b', '/a/b', ''],
    ['/a?x=1', '/a', 'x=1'],
    ['/a?x=1?y', '/a', 'x=1?y'],
    ['/a?', '/a', ''],
    ['//evil/x', '//evil/x', ''],
    ['http://evil/auth/login?x=1', '/auth/login', 'x=1'],
    ['HTTP://evil:80/auth', '/auth', ''],
    ['http://user@evil/auth', '/auth', ''],
    ['http://evil', '/', ''],
    ['http://evil?x=1', '/', 'x=1'],
    ['https://evil//auth', '//auth', ''],
  ])('%s is path %s and query %s', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query })
  })

  it.each(['*', 'evil:443', '', 'auth/login', '/a#b', '/a?b#c', 'http:/evil/x', '\\auth'])(
    'without a path, or with a fragment, is refused: %j',
    (target) => {
      expect(splitTarget(target)).toBeUndefined()
    },
  )
})

describe('a canonical path', () => {
  it.each(['/', '/a', '/a/', '/a/b.c', '/a-b_c~d', '/.well-known/jwks.json', '/a%20b', '/%C3%A9'])(
    '%s is one',
    (path) => {
      expect(isCanonicalPath(path)).toBe(true)
    },
  )

  it.each([
    ...[
      '',
      'a',
      '//',
      '//a',
      '/a//b',
      '/./a',
      '/a/.',
      '/a/..',
      '/a/../b',
      '/a\\b',
      '/a;b',
      '/a%2fb',
    ],
    ...[
      '/a%2Fb',
      '/a%5cb',
      '/%2e/a',
      '/%61',
      '/a%00',
      '/a%',
      '/a%4',
      '/a%c3',
      '/a b',
      '/é',
      '/a?b',
    ],
    ...['/a#b', '/a\0', '/a%25', '/a\n'],
  ])('%j is none', (path) => {
    expect(isCanonicalPath(path)).toBe(false)
  })
})

describe('who answers a path', () => {
  const prefixes = ['/auth', '/admin', '/api/keys', '/.well-known', '/openapi.json']
  const owner = (path: string) => ownPath(path, prefixes)

  it.each(['/auth', '/auth/login', '/auth/', '/api/keys/1', '/openapi.json', '/.well-known/x'])(
    'Holdfast: %s',
    (path) => {
      expect(owner(path)).toBe('own')
    },
  )

  it.each([
    ...['/', '/authors', '/auth-x', '/api', '/api/key', '/keys', '/shop/auth', '/openapi.jsonx'],
    ...['/login', '/a%20b', '/caf%C3%A9', '/a;b', '/x//y', '/%', '/AUTHORS'],
  ])('the app: %s', (path) => {
    expect(owner(path)).toBe('other')
  })

  it.each([
    ...['/AUTH', '/Auth/login', '//auth/login', '/./auth', '/x/../auth', '/auth//login'],
    ...['/auth/./login', '/auth/../auth/login', '/auth%2flogin', '/%61uth/login', '/auth%2Flogin'],
    ...['/%2561uth/login', '/auth;x=1/login', '/auth/login;x', '/auth./login', '/\\auth\\login'],
    ...['/auth\\login', '/%5cauth', '/auth%00/login', '/auth%20', '/.%2fauth', '/%2e/auth'],
    ...['/api//keys', '/API/keys', '/api/KEYS', '/x/%2e%2e/admin/users', '/admin/%zz'],
  ])('nobody, because two readers would disagree: %s', (path) => {
    expect(owner(path)).toBe('refused')
  })

  it('every disguise of our paths is refused or ours, and never handed to the app', () => {
    const disguise = fc.array(
      fc.constantFrom(
        (path: string) => path.toUpperCase(),
        (path: string) => path.replace('/', '//'),
        (path: string) => path.replace('/', '/./'),
        (path: string) => `/x/..${path}`,
        (path: string) => path.replace('a', '%61'),
        (path: string) => path.replace('h', '%2568'),
        (path: string) => path.replace(/\/(?=.)/g, '\\'),
        (path: string) => path.replace('/login', '%2Flogin'),
        (path: string) => `${path};v=1`,
        (path: string) => `${path}.`,
        (path: string) => `${path}/`,
      ),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(disguise, (steps) => {
        const path = steps.reduce((text, step) => step(text), '/auth/login')
        const slashed = path.startsWith('/') ? path : `/${path}`
        expect(owner(slashed)).not.toBe('other')
      }),
      { numRuns: 2_000 },
    )
  })

  it('any path is decided', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const path = `/${text}`
        const verdict = owner(path)
        if (verdict === 'own') expect(isCanonicalPath(path)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
    for (const piece of ['/', '/.', '/..', '%25', ';', '\\', '. ', '%2e%2e/']) {
      expect(['other', 'refused']).toContain(owner(`/${piece.repeat(20_000)}`))
    }
  })
})
