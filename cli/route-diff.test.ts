import { describe, expect, it } from 'vitest'
import { diffRoutes } from './route-diff.ts'
import type { ListedRoute } from './route-list.ts'

type Policy = ListedRoute['policy']

const open: Policy = { kind: 'open' }
const signedIn: Policy = { kind: 'signed-in' }
const anyLevel: Policy = { kind: 'signed-in', anyLevel: true }
const needs = (permission: string, terms: object = {}): Policy => ({
  ...{ kind: 'permission', permission },
  ...terms,
})
const resource = (name: string, terms: object = {}): Policy => ({
  ...{ kind: 'resource', resource: name },
  ...terms,
})
const roles = (...anyRole: string[]): Policy => ({ kind: 'roles', anyRole })

const route = (policy: Policy, method = 'GET'): ListedRoute => ({ method, path: '/x', policy })

function reasons(before: Policy, after: Policy, method = 'GET'): readonly string[] {
  const { opened } = diffRoutes([route(before, method)], [route(after, method)])
  return opened.flatMap((opening) => opening.reasons)
}

describe('a route became more open', () => {
  it.each<[string, Policy, Policy, RegExp, string?]>([
    ['a closed route', null, needs('read:x'), /no longer closed/],
    ['a guard that is gone', needs('read:x'), open, /open to everybody: read:x -> everybody/],
    ['a session that is gone', signedIn, open, /open to everybody/],
    ['a permission that is gone', needs('read:x'), signedIn, /lost its guard/],
    ['a role that is gone', roles('admin'), signedIn, /lost its guard/],
    ['a level that is gone', signedIn, anyLevel, /below the level/],
    [
      'another permission',
      needs('read:x'),
      needs('read:y'),
      /asks for read:y and no longer for read:x/,
    ],
    ['a longer permission', needs('read:x'), needs('read:x:names'), /asks for read:x:names/],
    ['a shorter permission', needs('read:x:names'), needs('read:x'), /asks for read:x/],
    ['a part of writing', needs('write:x'), needs('create:x'), /asks for create:x/],
    ['a further role', roles('admin'), roles('admin', 'clerk'), /further roles: clerk/],
    ['roles for a permission', needs('read:x'), roles('admin'), /cannot be compared/],
    [
      'keys beside sessions',
      signedIn,
      needs('read:own'),
      /admits API keys, .*signed in -> read:own/,
    ],
    ['keys beside any session', anyLevel, resource('x', { level: 2 }), /admits API keys/],
    ['a permission for roles', roles('admin'), needs('read:x'), /cannot be compared/],
    ['another resource', resource('x'), resource('y'), /read:y/],
    ['reading for all methods', resource('x'), needs('read:x'), /no longer for write:x/, 'ALL'],
    ['reading for middleware', resource('x'), needs('read:x'), /no longer for write:x/, 'USE'],
    ['some rows', needs('read:x'), needs('read:x', { rows: true }), /some rows/],
    ['one object', needs('read:x'), needs('read:x', { object: true }), /object alone/],
    [
      'rows for an object',
      needs('read:x', { object: true }),
      needs('read:x', { rows: true }),
      /some rows/,
    ],
    ['no organisation', needs('read:x', { organisation: 'o' }), needs('read:x'), /no member/],
    [
      'roles of an organisation',
      needs('read:x'),
      needs('read:x', { organisation: 'o' }),
      /counts roles/,
    ],
    [
      'another organisation',
      needs('read:x', { organisation: 'o' }),
      needs('read:x', { organisation: 'p' }),
      /from :p/,
    ],
    ['no step-up', needs('read:x', { within: '5m' }), needs('read:x'), /no recent proof/],
    [
      'an older proof',
      needs('read:x', { within: '5m' }),
      needs('read:x', { within: '1h' }),
      /older proof: 5m -> 1h/,
    ],
    ['a lower level', needs('read:x', { level: 2 }), needs('read:x', { level: 1 }), /level 1/],
    ['no level', needs('read:x', { level: 2 }), needs('read:x'), /level 1/],
  ])('by %s', (_, before, after, reason, method) => {
    const found = reasons(before, after, method)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(reason)
  })

  it('by being new, whatever it asks for', () => {
    for (const policy of [null, open, signedIn, needs('read:x')]) {
      const { opened } = diffRoutes([], [route(policy)])
      expect(opened).toMatchObject([{ reasons: [expect.stringMatching(/^is new: /)] }])
    }
  })

  it('by middleware that every request passes', () => {
    const one: ListedRoute = { method: 'USE', path: '/', policy: null, unclassified: true }
    expect(diffRoutes([one], [one, one]).opened).toHaveLength(1)
    expect(diffRoutes([one], [one]).opened).toEqual([])
  })

  it('for several reasons at once, each of them told', () => {
    const before = needs('read:x', { within: '5m', level: 2, organisation: 'o' })
    expect(reasons(before, needs('read:y'))).toHaveLength(4)
  })

  it('where one of two that look alike did', () => {
    const two = (last: Policy) => [route(needs('read:x')), route(last)]
    expect(diffRoutes(two(needs('read:x')), two(open)).opened).toHaveLength(1)
    expect(diffRoutes(two(open), two(open)).opened).toEqual([])
    expect(diffRoutes([route(open)], two(open)).opened.length).toBeGreaterThan(0)
  })
})

describe('a route did not', () => {
  it.each<[string, Policy, Policy, string?]>([
    ['a guard is new', open, needs('read:x')],
    ['a session is new', open, signedIn],
    ['roles are asked of the session', signedIn, roles('admin')],
    ['a permission and a proof are asked of it', signedIn, needs('read:x', { within: '5m' })],
    ['it was closed', open, null],
    ['all of writing is asked for', needs('create:x'), needs('write:x')],
    ['a role is gone', roles('admin', 'clerk'), roles('admin')],
    ['roles changed places', roles('admin', 'clerk'), roles('clerk', 'admin')],
    ['the resource says the same', needs('read:x'), resource('x'), 'GET'],
    ['the permission says the same', resource('x'), needs('delete:x'), 'DELETE'],
    ['a step-up is new', needs('read:x'), needs('read:x', { within: '5m', level: 2 })],
    ['a proof is younger', needs('read:x', { within: '1h' }), needs('read:x', { within: '5m' })],
    [
      'a minute is 60 seconds',
      needs('read:x', { within: '1m' }),
      needs('read:x', { within: '60s' }),
    ],
    ['an object is checked', needs('read:x', { rows: true }), needs('read:x', { object: true })],
    ['the whole permission is asked for', needs('read:x', { object: true }), needs('read:x')],
    ['its use is recorded', needs('read:x'), needs('read:x', { audit: 'x.read' })],
  ])('where %s', (_, before, after, method) => {
    const rest = diffRoutes([route(before, method)], [route(after, method)])
    expect(rest.opened).toEqual([])
    expect(rest.changed).toHaveLength(1)
  })

  it('where it is gone, or nothing changed', () => {
    const one = route(needs('read:x'))
    expect(diffRoutes([one], [])).toEqual({ opened: [], changed: [], gone: [one] })
    expect(diffRoutes([one], [one])).toEqual({ opened: [], changed: [], gone: [] })
  })
})

describe('the order of routes', () => {
  const at = (place: string, policy: Policy): ListedRoute => {
    const [method = '', path = ''] = place.split(' ')
    return { method, path, policy }
  }
  const everyPath: ListedRoute = { method: 'USE', path: '/', policy: null, unclassified: true }
  const secret = at('GET /files/secret', needs('read:x'))
  const wide = at('GET /files/:name', open)
  const told = (before: readonly ListedRoute[], after: readonly ListedRoute[]) =>
    diffRoutes(before, after).opened.map(({ path, reasons: [reason] }) => `${path} ${reason}`)

  it('makes a route more open that comes before one which asks for more', () => {
    expect(told([secret, wide], [wide, secret])).toEqual([
      '/files/:name now comes before GET /files/secret: read:x -> everybody',
    ])
    expect(told([wide, secret], [secret, wide])).toEqual([])
  })

  it('tells of many that are overtaken in one reason', () => {
    const others = ['a', 'b', 'c'].map((name) => at(`GET /files/${name}`, signedIn))
    expect(told([secret, ...others, wide], [wide, secret, ...others])).toEqual([
      '/files/:name now comes before GET /files/secret and 3 more: read:x -> everybody',
    ])
  })

  it('makes a route more open that answers for one which is gone', () => {
    expect(told([secret, wide], [wide])).toEqual([
      '/files/:name takes the place of what is gone: GET /files/secret: read:x -> everybody',
    ])
    expect(told([wide, secret], [wide])).toEqual([])
  })

  it('counts middleware: a route that came behind a gate, and no longer does', () => {
    const gate = at('USE /files', roles('admin'))
    const own = at('GET /files/own', needs('read:own'))
    expect(told([gate, own], [own, gate])).toHaveLength(1)
    expect(told([gate, own], [own])).toHaveLength(1)
    const same = at('USE /files', needs('read:own'))
    expect(told([own, same], [same, own])).toEqual([])
    // It may answer by itself: what asks for less, or cannot be compared, is told.
    expect(told([own, gate], [gate, own])).toHaveLength(1)
    const signed = at('USE /files', signedIn)
    expect(told([signed, own], [own])).toEqual([expect.stringContaining('signed in -> read:own')])
  })

  it('counts middleware of every path, which may do anything', () => {
    const closed = at('GET /x', null)
    expect(told([everyPath, wide], [wide, everyPath])).toHaveLength(1)
    expect(told([secret, everyPath], [everyPath, secret])).toHaveLength(1)
    expect(told([everyPath, closed], [closed, everyPath])).toEqual([])
    expect(told([wide, everyPath], [everyPath, wide])).toEqual([])
    // Which of the two is gone cannot be known; that one is, is told.
    const fewer = diffRoutes([everyPath, wide, everyPath], [wide, everyPath])
    expect(fewer).toMatchObject({ opened: [], gone: [everyPath] })
  })

  it.each([
    ['GET /a', 'GET /A/'],
    ['GET /a', 'HEAD /a'],
    ['GET /a', 'ALL /a'],
    ['POST /a/b', 'USE /a'],
    ['GET /a', 'USE /'],
    ['GET /a/b', 'GET /:one/b'],
    ['GET /:one/b', 'GET /a/:two'],
    ['GET /a/b/c', 'GET /a/*rest'],
    ['GET /a', 'GET /a{/:one}'],
    ['GET /a/b', 'GET /a{/:one}'],
    ['GET /a/b.json', 'GET /a/:file.json'],
    ['GET /a/b.json', 'GET /a/b{.:kind}'],
    ['GET /', 'GET /{*any}'],
    ['GET /a/b', 'GET /^\\/a\\/b$/'],
    ['GET /*one', 'GET /{a/}b'],
  ])('matters where a request goes to both: %s and %s', (one, other) => {
    for (const [first, then] of [
      [one, other],
      [other, one],
    ] as const) {
      const [strict, weak] = [at(first, needs('read:x')), at(then, open)]
      expect(told([strict, weak], [weak, strict])).toHaveLength(1)
    }
  })

  it.each([
    ['GET /a', 'POST /a'],
    ['GET /a', 'GET /b'],
    ['GET /a', 'GET /a/b'],
    ['GET /a', 'USE /a/b'],
    ['GET /ab', 'USE /a'],
    ['GET /:one', 'GET /:one/b'],
    ['GET /b/c', 'GET /a/*rest'],
    ['GET /b', 'GET /a{/:one}'],
    ['GET /a/*one', 'GET /b/*two'],
  ])('does not where none does: %s and %s', (one, other) => {
    for (const [first, then] of [
      [one, other],
      [other, one],
    ] as const) {
      const [strict, weak] = [at(first, needs('read:x')), at(then, open)]
      expect(told([strict, weak], [weak, strict])).toEqual([])
    }
  })

  it('is compared for the method that both answer', () => {
    const [all, get] = [at('ALL /a', resource('x')), at('GET /a', needs('read:x'))]
    expect(told([all, get], [get, all])).toEqual([])
    expect(told([get, all], [all, get])).toEqual([])
    const write = at('GET /a', needs('write:x'))
    expect(told([write, all], [all, write])).toHaveLength(1)
  })
})
