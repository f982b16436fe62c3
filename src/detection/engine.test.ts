import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOfBody } from './body-fields.ts'
import { detectionRules, Engine } from './engine.ts'
import { type Field, fieldsOfForm, fieldsOfHeader, fieldsOfTarget } from './fields.ts'
import type { FieldKind } from './rule.ts'
import { fieldsOfXml } from './xml-fields.ts'

const engine = new Engine()
const kinds: readonly FieldKind[] = [
  ...(['path', 'query', 'header', 'cookie', 'form', 'text', 'json', 'name'] as const),
]
const rulesIn = (kind: FieldKind, text: string) =>
  engine.inspect([{ kind, name: 'x', text }]).findings.map(({ rule }) => rule)
const scoreOf = (fields: readonly Field[]) => engine.inspect(fields).score

// Texts made of what rules begin with: each letter, word and sign of the tables, and escapes.
const pieces = fc.constantFrom(
  ...detectionRules.flatMap(({ signs = '', words = [] }) => [...signs, ...words.slice(0, 12)]),
  ...[
    "'",
    '"',
    '%27',
    '%25',
    '%c0%af',
    '&lt;',
    '&#60;',
    '\\u003c',
    '/*',
    '*/',
    '\u0000',
    ' ',
    '\n',
  ],
  ...['onload=', '=', '(', ')', '{{', '}}', '1', 'a', '\ud800', 'ＳＥＬＥＣＴ', '+', ';', '--'],
)
const hostile = fc.oneof(
  fc.array(pieces, { maxLength: 60 }).map((list) => list.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const field = fc.record({ kind: fc.constantFrom(...kinds), name: fc.constant('x'), text: hostile })

describe('an inspection', () => {
  it('never throws, never changes its input, and has the same result each time', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
        const before = structuredClone(fields)
        const first = engine.inspect(fields)
        expect(engine.inspect(fields)).toEqual(first)
        expect(new Engine().inspect(fields)).toEqual(first)
        expect(fields).toEqual(before)
        expect(first.findings.length).toBeLessThanOrEqual(3)
      }),
      { numRuns: 500 },
    )
  })

  it('reads targets, forms, headers, XML and JSON of any text', () => {
    fc.assert(
      fc.property(hostile, hostile, fc.jsonValue(), (one, other, json) => {
        const fields = [...fieldsOfTarget(one, other), ...fieldsOfForm(one), ...fieldsOfXml(other)]
        fieldsOfHeader('cookie', one, fields)
        fieldsOfHeader('referer', other, fields)
        fields.push(...fieldsOfBody(json, 'json'))
        expect(engine.inspect(fields).score).toBeGreaterThanOrEqual(0)
        for (const { name } of fields) expect(name.length).toBeLessThan(400)
      }),
      { numRuns: 500 },
    )
  })

  it('costs no more patterns than the text has characters, times a constant', () => {
    const unit = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((list) => list.join(''))
    fc.assert(
      fc.property(unit, fc.constantFrom(...kinds), (repeated, kind) => {
        const triesFor = (length: number) => {
          const text = repeated.repeat(Math.ceil(length / repeated.length))
          return engine.inspect([{ kind, name: 'x', text }]).tries
        }
        const [small, large] = [triesFor(2_000), triesFor(8_000)]
        expect(large).toBeLessThanOrEqual(5 * small + 1_000)
      }),
      { numRuns: 150 },
    )
  })

  it('no pattern repeats without a bound, and none remembers where it was', () => {
    for (const { id, pattern } of detectionRules) {
      expect([id, pattern.sticky, pattern.global]).toEqual([id, true, false])
      const source = pattern.source.replace(/\\.|\[(?:\\.|[^\]])*\]/g, 'x')
      expect([id, /[*+]|\{\d+,\}/.exec(source)?.[0]]).toEqual([id, undefined])
    }
  })

  it('adds each rule once, and points of several fields up', () => {
    const union = { kind: 'query', name: 'query.a', text: '1 union select 2,3' } as const
    const once = scoreOf([union])
    expect(scoreOf([union, { ...union, name: 'query.b' }])).toBe(once)
    const tag = { kind: 'query', name: 'query.c', text: '<script>' } as const
    expect(scoreOf([union, tag])).toBe(once + scoreOf([tag]))
  })
})

describe('texts are read as lenient programs read them', () => {
  it.each([
    ['percent escapes once more than they should be', '%3Cscript%3E'],
    ['entities', '&lt;script&gt;'],
    ['numbers of entities', '&#60;script&#x3e;'],
    ['escapes of JavaScript', '\\u003cscript\\x3e'],
    ['wide letters', '＜ｓｃｒｉｐｔ＞'],
    ['comments', '<script/* a */>'],
    ['letters of any size', '<ScRiPt>'],
  ])('%s', (_, text) => {
    expect(rulesIn('query', text)).toContain('xss.script')
  })

  it('overlong UTF-8 is read as what it hides, and is a sign of its own', () => {
    const found = engine.inspect(fieldsOfTarget('/a', 'f=..%c0%af..%c0%afetc/passwd'))
    expect(found.findings.map(({ rule }) => rule)).toContain('traversal.overlong')
  })

  it('quotes and escapes that a shell drops hide no command', () => {
    for (const text of [";c'a't /etc/passwd", ';w\\hoami', ";who''ami"]) {
      expect(scoreOf([{ kind: 'form', name: 'x', text }])).toBeGreaterThanOrEqual(5)
    }
  })

  it('a value that is nothing but base64 is read, too', () => {
    const text = Buffer.from('<script>alert(1)</script>').toString('base64')
    expect(rulesIn('query', text)).toContain('xss.script')
  })
})

it('what follows a closed quote is a comment at the end alone', () => {
  const rules = (text: string) => rulesIn('query', text)
  for (const text of ["a')-- ", "a')--+", "a')--- -"]) expect(rules(text)).toContain('sql.comment')
  for (const text of ["a')--12,0", "a')--{,}"]) expect(rules(text)).not.toContain('sql.comment')
})

describe('each class is found where it works', () => {
  it.each([
    ['query', "1' or '1'='1", 'sql'],
    ['query', "a'; drop table users; --", 'sql'],
    ['name', 'filter[$ne]', 'nosql'],
    ['form', '<img src=x onerror=alert(1)>', 'xss'],
    ['query', '../../../../etc/passwd', 'traversal'],
    ['form', 'a; cat /etc/passwd', 'command'],
    ['query', "require('child_process').exec('id')", 'code'],
    ['form', '{{7*7}}', 'template'],
    ['name', '__proto__[admin]', 'prototype'],
    ['query', 'a\r\nset-cookie: a=b', 'header'],
    ['query', 'a\n2026-01-01 00:00 INFO signed in', 'log'],
    ['query', 'http://169.254.169.254/latest/', 'fetch'],
  ] as const)('%s %j is %s', (kind, text, attack) => {
    const { findings, score } = engine.inspect([{ kind, name: 'x', text }])
    expect(score).toBeGreaterThanOrEqual(5)
    expect(findings.map((one) => one.class)).toContain(attack)
  })

  it('every rule has an id of its own, a reason and a place', () => {
    const ids = detectionRules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, class: attack, events, reason, signs, start, words } of detectionRules) {
      expect(id.startsWith(`${attack}.`)).toBe(true)
      expect(reason).toMatch(/^[A-Z].*\.$/)
      expect([id, Boolean(start || signs || words || events)]).toEqual([id, true])
    }
  })
})

it('names that a client chose are shown only when they are plain', () => {
  const [, field] = fieldsOfForm('<script>=1')
  expect(field?.name).toBe('body.(unusual name)')
})
