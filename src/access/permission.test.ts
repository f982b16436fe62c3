import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isPattern,
  isPermission,
  patternCovers,
  patternReaches,
  patternsMeet,
} from '../permissions/index.ts'
import { PermissionSet } from './permission-set.ts'

/**
 * The grammar once more, written independently: a pattern is turned into a regular expression over
 * the whole permission.
 */
function reference(pattern: string): RegExp {
  if (pattern === '*') return /^.*$/
  const segments = pattern.split(':')
  const parts = segments.map((segment, at) => {
    const last = at === segments.length - 1
    if (at === 0 && segment === 'write') return '(?:write|create|update)'
    if (segment !== '*') return segment.replaceAll('-', '\\-')
    const one = at === 1 ? '(?!security(?::|$))[^:]+' : '[^:]+'
    return last ? `${one}(?::[^:]+)*` : one
  })
  return new RegExp(`^${parts.join(':')}$`)
}

/** A denial, by the same: whoever asks for `write` asks for both of the two that it is. */
function denies(pattern: string, wanted: string): boolean {
  const halves = ['create', 'update'].map((action) => wanted.replace(/^write:/, `${action}:`))
  return [wanted, ...halves].some((one) => reference(pattern).test(one))
}

const word = fc.constantFrom('a', 'b', 'security', 'orders', 'own')
const action = fc.constantFrom('read', 'write', 'create', 'update', 'delete', 'approve')
const tail = fc.array(word, { minLength: 1, maxLength: 4 })
const permission = fc.tuple(action, tail).map(([first, rest]) => [first, ...rest].join(':'))
const star = fc.constant('*')
const patternTail = fc.array(fc.oneof({ weight: 2, arbitrary: word }, star), {
  minLength: 1,
  maxLength: 4,
})
const pattern = fc.oneof(
  { weight: 1, arbitrary: star },
  {
    weight: 30,
    arbitrary: fc
      .tuple(fc.oneof({ weight: 4, arbitrary: action }, star), patternTail)
      .map(([first, rest]) => [first, ...rest].join(':')),
  },
)

/** A permission near the pattern: its own words, stars filled, sometimes one segment changed. */
const pair = fc
  .tuple(pattern, fc.array(word, { minLength: 9, maxLength: 9 }), action, fc.nat(11), permission)
  .map(([held, words, verb, turn, other]) => {
    if (turn < 1) return { held, wanted: other }
    const segments = held === '*' ? ['*', '*'] : held.split(':')
    const filled = segments.map((segment, at) => {
      if (segment !== '*') return segment
      return at === 0 ? verb : (words[at] ?? 'a')
    })
    if (turn < 4) filled[turn % filled.length] = turn % filled.length === 0 ? verb : 'a'
    if (turn === 4 || turn === 5) filled.push(words[8] ?? 'a')
    if (turn === 6 && filled.length > 2) filled.pop()
    return { held, wanted: filled.join(':') }
  })

describe('a wildcard reaches no further than its words', () => {
  it('100,000 random cases agree with an independent reference', () => {
    let allowed = 0
    let denied = 0
    fc.assert(
      fc.property(pair, ({ held, wanted }) => {
        const expected = reference(held).test(wanted)
        if (expected) allowed += 1
        else denied += 1
        expect(patternReaches(held, wanted), `${held} ${wanted}`).toBe(expected)
        expect(new PermissionSet([held]).has(wanted)).toBe(expected)
      }),
      { numRuns: 100_000, seed: 25 },
    )
    console.log(`permission grammar: ${allowed} allowed, ${denied} denied`)
    expect(Math.min(allowed, denied)).toBeGreaterThan(30_000)
  }, 120_000)

  it('a deny wins over every allow, in any order and mixture', () => {
    const some = fc.array(pattern, { maxLength: 3 })
    const counts = { allowed: 0, denied: 0, withDeny: 0 }
    fc.assert(
      fc.property(
        pair,
        some,
        fc.array(pattern, { maxLength: 2 }),
        ({ held, wanted }, more, deny) => {
          const allow = [held, ...more]
          const reaches = (one: string) => reference(one).test(wanted)
          const expected = allow.some(reaches) && !deny.some((one) => denies(one, wanted))
          counts[expected ? 'allowed' : 'denied'] += 1
          if (deny.length > 0) counts.withDeny += 1
          const set = new PermissionSet(allow, deny)
          expect(set.has(wanted)).toBe(expected)
          expect(set.has(wanted)).toBe(expected)
        },
      ),
      { numRuns: 20_000, seed: 25 },
    )
    console.log(`permission sets: ${JSON.stringify(counts)}`)
    expect(Math.min(counts.allowed, counts.denied)).toBeGreaterThan(6_000)
  }, 60_000)

  it('covers: whoever covers a pattern holds everything that it reaches', () => {
    const counts = { covered: 0, refused: 0, withDeny: 0 }
    const near = fc.tuple(pattern, pattern, fc.boolean()).map(([one, other, same]) => {
      if (!same) return { held: one, given: other }
      const narrow = one.split(':').map((part, at) => (part === '*' && at > 0 ? 'a' : part))
      return { held: one, given: narrow.join(':') }
    })
    fc.assert(
      fc.property(near, fc.array(pattern, { maxLength: 1 }), ({ given, held }, deny) => {
        const holder = new PermissionSet([held], deny)
        if (deny.length > 0) counts.withDeny += 1
        if (!holder.covers(given)) {
          counts.refused += 1
          return
        }
        counts.covered += 1
        for (const wanted of everything) {
          if (patternReaches(given, wanted)) expect(holder.has(wanted), wanted).toBe(true)
        }
      }),
      { numRuns: 20_000, seed: 25 },
    )
    console.log(`covers: ${JSON.stringify(counts)}`)
    expect(Math.min(counts.covered, counts.refused)).toBeGreaterThan(6_000)
  }, 60_000)

  it('two patterns meet exactly when some permission is reached by both', () => {
    const counts = { meet: 0, apart: 0 }
    const short = pattern.filter((text) => text.split(':').length <= 3)
    fc.assert(
      fc.property(short, short, (one, other) => {
        const expected = everything.some(
          (wanted) => patternReaches(one, wanted) && patternReaches(other, wanted),
        )
        counts[expected ? 'meet' : 'apart'] += 1
        expect(patternsMeet(one, other), `${one} ${other}`).toBe(expected)
      }),
      { numRuns: 5_000, seed: 25 },
    )
    console.log(`patterns: ${JSON.stringify(counts)}`)
    expect(Math.min(counts.meet, counts.apart)).toBeGreaterThan(1_500)
  }, 60_000)

  it('covers itself, and what is narrower', () => {
    expect(patternCovers('read:*', 'read:*')).toBe(true)
    expect(patternCovers('read:*', 'read:orders:*')).toBe(true)
    expect(patternCovers('write:orders', 'create:orders')).toBe(true)
    expect(patternCovers('*', 'delete:security:*')).toBe(true)
  })
})

/** Every permission of up to three segments below the action, of the words the patterns use. */
const everything = ['read', 'write', 'create', 'update', 'delete', 'approve'].flatMap((verb) => {
  const words = ['a', 'b', 'security', 'orders', 'own']
  const two = words.flatMap((one) => words.map((other) => `${one}:${other}`))
  const three = two.flatMap((pair) => words.map((other) => `${pair}:${other}`))
  return [...words, ...two, ...three].map((rest) => `${verb}:${rest}`)
})

describe('a wildcard never reaches security:*', () => {
  it.each(['read:*', '*:*', 'read:*:users', '*:*:*', 'write:*', 'read:*:*'])(
    '%s does not reach, nor hand out, what is security',
    (held) => {
      const set = new PermissionSet([held])
      for (const wanted of ['read:security:users', 'write:security:roles', 'read:security']) {
        expect(set.has(wanted)).toBe(false)
        expect(set.covers(wanted)).toBe(false)
      }
      expect(set.covers('read:security:*')).toBe(false)
      expect(set.covers('*')).toBe(false)
    },
  )

  it('named, it is reached; and by * alone', () => {
    expect(new PermissionSet(['read:security:*']).has('read:security:users')).toBe(true)
    expect(new PermissionSet(['*:security:*']).has('write:security:roles')).toBe(true)
    expect(new PermissionSet(['*']).has('write:security:roles')).toBe(true)
    expect(new PermissionSet(['read:security:users']).has('read:security:roles')).toBe(false)
  })
})

describe('the words of permissions', () => {
  it.each([
    '',
    ':',
    'read',
    'read:',
    ':orders',
    'Read:orders',
    'read:o r',
    'read:orders:',
    'read:ø',
  ])('%j is neither a permission nor a pattern', (text) => {
    expect(isPermission(text)).toBe(false)
    expect(isPattern(text)).toBe(false)
  })

  it('a permission holds no wildcard, a pattern may; both have at most eight segments', () => {
    expect(isPermission('read:*')).toBe(false)
    expect(isPattern('read:*')).toBe(true)
    expect(isPattern('*')).toBe(true)
    expect(isPattern('re*d:x')).toBe(false)
    const eight = 'a:b:c:d:e:f:g:h'
    expect([isPermission(eight), isPattern(eight)]).toEqual([true, true])
    expect([isPermission(`${eight}:i`), isPattern(`${eight}:i`)]).toEqual([false, false])
  })
})
