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
