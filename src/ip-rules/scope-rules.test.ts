import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Address, parseAddress, readNetwork } from '../http/index.ts'
import type { CompiledRule } from './rule.ts'
import { readScope } from './rule.ts'
import { RuleSet } from './rule-set.ts'
import { ScopeRules } from './scope-rules.ts'

type Written = readonly [action: 'allow' | 'deny', range: string, expiresAt?: number | undefined]

let count = 0
function compiled([action, range, expiresAt]: Written, scope = 'all'): CompiledRule {
  const read = readNetwork(range)
  if (!read.ok) throw new Error(range)
  count += 1
  const rule = {
    ...{ id: `rule${count}`, action, range: read.network.text, scope, reason: null },
    ...{ createdBy: null, createdAt: 0, expiresAt: expiresAt ?? null },
  }
  return { rule, network: read.network }
}

function scopeOf(...rules: readonly Written[]): ScopeRules {
  const scope = new ScopeRules()
  for (const rule of rules) scope.add(compiled(rule))
  return scope
}

const at = (ip: string) => parseAddress(ip) as Address
const whyOf = (scope: ScopeRules, ip: string, now = 0) => scope.judge(at(ip), now).why

describe('the rules of a scope', () => {
  it('let everybody pass where there is none', () => {
    expect(whyOf(scopeOf(), '192.0.2.1')).toBe('no_rule')
  })

  it('refuse whom they deny, and let all others pass', () => {
    const scope = scopeOf(['deny', '192.0.2.0/24'], ['deny', '2001:db8::/32'])
    expect(whyOf(scope, '192.0.2.7')).toBe('denied')
    expect(whyOf(scope, '::ffff:192.0.2.7')).toBe('denied')
    expect(whyOf(scope, '2001:db8:1::9')).toBe('denied')
    expect(whyOf(scope, '192.0.3.7')).toBe('no_rule')
    expect(whyOf(scope, '2001:db9::9')).toBe('no_rule')
  })

  it('that allow somebody refuse all others, of the other family too', () => {
    const scope = scopeOf(['allow', '192.0.2.0/24'])
    expect(whyOf(scope, '192.0.2.7')).toBe('allowed')
    expect(whyOf(scope, '198.51.100.1')).toBe('not_allowed')
    expect(whyOf(scope, '2001:db8::1')).toBe('not_allowed')
    expect(scope.judge(undefined, 0).allowed).toBe(false)
  })

  it('are decided by the longest prefix', () => {
    const scope = scopeOf(
      ['allow', '10.0.0.0/8'],
      ['deny', '10.1.0.0/16'],
      ['allow', '10.1.2.0/24'],
      ['deny', '10.1.2.3'],
    )
    const answers = ['10.9.9.9', '10.1.9.9', '10.1.2.9', '10.1.2.3'].map((ip) => whyOf(scope, ip))
    expect(answers).toEqual(['allowed', 'denied', 'allowed', 'denied'])
  })

  it('deny where two of them are as long, in whatever order they came', () => {
    expect(whyOf(scopeOf(['allow', '10.0.0.0/8'], ['deny', '10.0.0.0/8']), '10.0.0.1')).toBe(
      'denied',
    )
    expect(whyOf(scopeOf(['deny', '10.0.0.0/8'], ['allow', '10.0.0.0/8']), '10.0.0.1')).toBe(
      'denied',
    )
  })

  it('end by themselves, at their instant and not before', () => {
    const scope = scopeOf(['deny', '192.0.2.0/24', 1_000], ['deny', '192.0.0.0/16', 2_000])
    expect(whyOf(scope, '192.0.2.1', 999)).toBe('denied')
    expect(whyOf(scope, '192.0.2.1', 1_000)).toBe('denied')
    expect(whyOf(scope, '192.0.2.1', 2_000)).toBe('no_rule')
  })

  it('never open by themselves: the end of the last allowance lets nobody in', () => {
    const scope = scopeOf(['allow', '192.0.2.0/24', 1_000])
    expect(whyOf(scope, '192.0.2.1', 1_000)).toBe('not_allowed')
    expect(whyOf(scope, '198.51.100.1', 1_000)).toBe('not_allowed')
  })

  it('let an address that is not known pass only while nobody is denied or allowed', () => {
    const [first, second] = [compiled(['deny', '192.0.2.0/24', 1_000]), compiled(['deny', '::/0'])]
    const scope = new ScopeRules()
    const passes = (now: number) => scope.judge(undefined, now).allowed
    expect(passes(0)).toBe(true)
    expect(scope.suppose(undefined, 0, { added: [first] }).allowed).toBe(false)
    scope.add(first)
    expect([passes(0), passes(1_000)]).toEqual([false, true])
    scope.add(second)
    expect(passes(1_000)).toBe(false)
    const removed = new Set([second.rule])
    expect(scope.suppose(undefined, 1_000, { removed }).allowed).toBe(true)
    expect(scope.suppose(undefined, 999, { removed }).allowed).toBe(false)
    scope.remove(second)
    expect([passes(999), passes(1_000)]).toEqual([false, true])
  })

  it('open when their last allowance is removed', () => {
    const scope = new ScopeRules()
    const rule = compiled(['allow', '192.0.2.0/24'])
    scope.add(rule)
    scope.remove(rule)
    scope.remove(rule)
    expect(whyOf(scope, '198.51.100.1')).toBe('no_rule')
  })

  it('agree with the plain definition, also on changes that are only thought of', () => {
    const range = fc
      .tuple(fc.constantFrom('10.0.0.0', '10.128.0.0', '10.0.1.0'), fc.integer({ min: 0, max: 32 }))
      .map(([ip, length]) => `${ip}/${length}`)
    const rule = fc.tuple(
      fc.constantFrom('allow' as const, 'deny' as const),
      range,
      fc.constantFrom(undefined, 5, 15),
    )
    const rules = fc.array(rule, { maxLength: 6 })
    const ips = fc.constantFrom('10.0.0.1', '10.128.0.1', '10.0.1.1', '11.0.0.1')
    const seen = { allowed: 0, refused: 0 }
    fc.assert(
      fc.property(rules, rules, ips, (there, more, ip) => {
        const [kept, added] = [there.map((one) => compiled(one)), more.map((one) => compiled(one))]
        const scope = new ScopeRules()
        for (const one of kept) scope.add(one)
        const expected = plainly([...kept, ...added], ip, 10)
        expect(scope.suppose(at(ip), 10, { added }).allowed).toBe(expected)
        for (const one of added) scope.add(one)
        expect(scope.judge(at(ip), 10).allowed).toBe(expected)
        const removed = new Set(kept.map((one) => one.rule))
        expect(scope.suppose(at(ip), 10, { removed }).allowed).toBe(plainly(added, ip, 10))
        seen[expected ? 'allowed' : 'refused'] += 1
      }),
      { numRuns: 2_000 },
    )
    const share = seen.allowed / (seen.allowed + seen.refused)
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(0.7)
  })
})

/** The definition without a trie. */
function plainly(rules: readonly CompiledRule[], ip: string, now: number): boolean {
  const number = (text: string) =>
    text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const live = rules
    .filter(({ rule }) => rule.expiresAt === null || rule.expiresAt > now)
    .filter(({ network: { length, text } }) => {
      const size = 2 ** (32 - length)
      return Math.floor(number(ip) / size) === Math.floor(number(text.split('/')[0] ?? '') / size)
    })
  const longest = Math.max(...live.map(({ network }) => network.length))
  const deciding = live.filter(({ network }) => network.length === longest)
  if (deciding.length > 0) return deciding.every(({ rule }) => rule.action === 'allow')
  return rules.every(({ rule }) => rule.action === 'deny')
}

describe('a set of rules', () => {
  const paths = { admin: ['/admin'], auth: ['/auth', '/account'] }
  const setOf = (...rules: readonly (readonly [string, ...Written])[]) => {
    const set = new RuleSet(paths, [])
    for (const [scope, ...rule] of rules) set.put(compiled(rule, scope))
    return set
  }
  const refuses = (set: RuleSet, path: string, ip = '198.51.100.1') =>
    set.findRefusal(at(ip), path, 0) !== undefined

  it.each([
    ['admin', ['/admin', '/admin/users'], ['/administration', '/auth/login', '/', '/x/admin']],
    ['auth', ['/auth/login', '/account/sign-in'], ['/admin', '/authors', '/orders']],
    ['/internal', ['/internal', '/internal/x/y'], ['/internals', '/x/internal', '/']],
    ['/a/b', ['/a/b', '/a/b/c'], ['/a', '/a/c']],
  ])('of scope %s covers %j and not %j', (scope, inside, outside) => {
    const set = setOf([scope, 'allow', '10.0.0.0/8'])
    expect(inside.map((path) => refuses(set, path))).toEqual(inside.map(() => true))
    expect(outside.map((path) => refuses(set, path))).toEqual(outside.map(() => false))
    expect(refuses(set, inside[0] ?? '', '10.1.1.1')).toBe(false)
  })

  it.each([
    ...['/Internal', '/INTERNAL/x', '//internal', '/internal/', '/internal//x', '/./internal'],
    ...['/x/../internal', '/internal/../x', '/internal/%2e%2e/x', '/%69nternal', '/internal%2fx'],
    ...['/internal%2Fx', '/internal;v=1', '/internal;/x', '/internal.', '/internal./x'],
    ...[
      '/internal%5cx',
      '/internal\\x',
      '/internal%00',
      '/%2569nternal',
      '/internal%20',
      '/.//internal',
    ],
  ])('cannot be gone around by spelling: %s', (path) => {
    expect(refuses(setOf(['/internal', 'allow', '10.0.0.0/8']), path)).toBe(true)
  })

  it('asks every scope that covers a request; none lifts the denial of another', () => {
    const set = setOf(
      ['all', 'deny', '10.0.0.0/8'],
      ['admin', 'allow', '10.0.0.0/8'],
      ['/a', 'allow', '192.0.2.0/24'],
      ['/a/b', 'allow', '192.0.2.7'],
    )
    expect(refuses(set, '/admin/users', '10.1.1.1')).toBe(true)
    expect(refuses(set, '/a/b', '192.0.2.7')).toBe(false)
    expect(refuses(set, '/a/b', '192.0.2.8')).toBe(true)
    expect(refuses(set, '/a', '192.0.2.8')).toBe(false)
  })

  it('replaces a rule of the same id, and forgets what is dropped', () => {
    const set = new RuleSet(paths, [])
    const rule = compiled(['deny', '10.0.0.0/8'], '/a')
    set.put(rule)
    set.put({ ...rule, rule: { ...rule.rule, expiresAt: 1 } })
    expect([set.size, set.findRefusal(at('10.0.0.1'), '/a', 2)]).toEqual([1, undefined])
    set.drop('rule that never was')
    set.drop(String(rule.rule.id))
    expect([set.size, set.scopes]).toEqual([0, []])
    expect(refuses(set, '/a', '10.0.0.1')).toBe(false)
  })
})

describe('a scope', () => {
  it.each([
    ['all', 'all'],
    ['admin', 'admin'],
    ['/Internal/', '/internal'],
    ['/a/b.c', '/a/b.c'],
  ])('%s is %s', (text, scope) => {
    expect(readScope(text)).toBe(scope)
  })

  it.each(['', '/', 'ALL', 'internal', '/a//b', '/a/..', '/a.', '/a b', '/a%20', '/ä', '/a;b'])(
    'is refused: %j',
    (text) => {
      expect(readScope(text)).toBeUndefined()
    },
  )

  it('is at most eight segments and 200 characters long', () => {
    expect(readScope('/a'.repeat(8))).toBe('/a'.repeat(8))
    expect(readScope('/a'.repeat(9))).toBeUndefined()
    expect(readScope(`/${'a'.repeat(200)}`)).toBeUndefined()
  })
})
