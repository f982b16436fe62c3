import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { legalTexts } from '../../test/rules/legal-text-kit.ts'
import { type RuleSet, rules, type SchemaOutput } from './index.ts'
import type { StandardResult, StandardSchema } from './standard-schema.ts'

const order = rules({
  email: { type: 'email', required: true, max: 200 },
  quantity: { type: 'integer', required: true, min: 1, max: 99 },
  note: { type: 'string', nullable: true },
  express: { type: 'boolean' },
  day: { type: 'date', min: '2026-01-01', max: '2026-12-31' },
  size: { type: 'enum', values: ['S', 'M', 'L'] },
  tags: { type: 'array', items: { type: 'string', max: 10, pattern: /^[a-z]+$/ }, min: 1, max: 3 },
  address: { type: 'object', fields: { city: { type: 'string', required: true } } },
})

const good = { email: 'a@example.com', quantity: 2 }

const read = (schema: StandardSchema, value: unknown) =>
  schema['~standard'].validate(value) as StandardResult<unknown>

const codes = (schema: StandardSchema, value: unknown) =>
  (read(schema, value).issues ?? []).map(({ path, ...issue }) => [
    (path ?? []).join('/'),
    (issue as { code?: string }).code,
  ])

describe('rules', () => {
  it('take what keeps them, and give it back as it was', () => {
    const full = {
      ...{ ...good, note: null, express: true, day: '2026-02-28', size: 'M' },
      ...{ tags: ['a', 'b'], address: { city: 'Köln' } },
    }
    expect(read(order, good)).toEqual({ value: good })
    expect(read(order, full)).toEqual({ value: full })
  })

  it('give typed values', () => {
    type Order = SchemaOutput<typeof order>
    expectTypeOf<Order['email']>().toEqualTypeOf<string>()
    expectTypeOf<Order['quantity']>().toEqualTypeOf<number>()
    expectTypeOf<Order['note']>().toEqualTypeOf<string | null | undefined>()
    expectTypeOf<Order['size']>().toEqualTypeOf<'S' | 'M' | 'L' | undefined>()
    expectTypeOf<Order['address']>().toEqualTypeOf<{ city: string } | undefined>()
  })

  it('list every fault with its place', () => {
    const bad = {
      ...{ email: 'x', quantity: 1.5, note: 5, express: 'true', day: '2026-02-30', size: 'XL' },
      ...{ tags: ['A', 1, 'b', 'c'], address: {}, role: 'admin' },
    }
    expect(codes(order, bad)).toEqual([
      ['role', 'unknown_field'],
      ['email', 'invalid_format'],
      ['quantity', 'invalid_type'],
      ['note', 'invalid_type'],
      ['express', 'invalid_type'],
      ['day', 'invalid_format'],
      ['size', 'invalid_value'],
      ['tags', 'too_big'],
      ['address/city', 'required'],
    ])
    expect(codes(order, { ...good, tags: ['A', 1] })).toEqual([
      ['tags/0', 'invalid_format'],
      ['tags/1', 'invalid_type'],
    ])
  })

  it.each([null, undefined, 'x', 5, [], [{}]])('take no %j for an object', (value) => {
    expect(codes(order, value)).toEqual([['', 'invalid_type']])
  })

  it('know inherited names as little as any other', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(codes(order, { ...good, [name]: 'x' })).toEqual([[name, 'unknown_field']])
    }
    const proto = JSON.parse('{"__proto__":{"email":"a@example.com","quantity":1}}')
    expect(codes(order, proto)[0]).toEqual(['__proto__', 'unknown_field'])
  })

  it('take every legal text as it is', () => {
    const texts = rules({ text: { type: 'string', required: true } })
    for (const text of legalTexts) expect(read(texts, { text })).toEqual({ value: { text } })
  })

  it('read texts as numbers and truth values only where values come as texts', () => {
    const page = rules({
      page: { type: 'integer' },
      all: { type: 'boolean' },
      price: { type: 'number' },
    })
    expect(read(page.ofTexts, { page: '2', all: 'false', price: '-1.50' })).toEqual({
      value: { page: 2, all: false, price: -1.5 },
    })
    for (const text of [
      '',
      ' 1',
      '1e3',
      '0x10',
      '01',
      '1.',
      '.5',
      'NaN',
      'Infinity',
      '+1',
      '1,5',
    ]) {
      expect(codes(page.ofTexts, { price: text })).toEqual([['price', 'invalid_type']])
    }
    expect(codes(page.ofTexts, { page: '9007199254740993', all: '1' })).toHaveLength(2)
    expect(codes(page, { page: '2' })).toEqual([['page', 'invalid_type']])
  })

  it.each<[string, string, boolean]>([
    ['email', 'a@b.co', true],
    ['email', "o'brien@exämple.de", true],
    ['email', 'a+b@x.org', true],
    ['email', 'a@b', false],
    ['email', 'a@@b.co', false],
    ['email', 'a b@c.de', false],
    ['email', 'a@b.co,c@d.ef', false],
    ['email', '<a@b.co>', false],
    ['email', 'a@-b.co', false],
    ['email', '.a@b.co', false],
    ['url', 'https://x.org/a', true],
    ['url', 'javascript:alert(1)', false],
    ['url', 'https://a@x.org', false],
    ['uuid', '0198c2f0-0000-7000-8000-000000000000', true],
    ['uuid', '0198c2f000007000800000000000000', false],
    ['date', '2024-02-29', true],
    ['date', '2026-02-29', false],
    ['date', '2026-11-22T07:30:00+01:00', true],
    ['date', '2026-11-22T24:00:00Z', false],
    ['date', '22.11.2026', false],
  ])('%s: %j is %j', (type, text, taken) => {
    const one = rules({ x: { type, required: true } } as RuleSet)
    expect(read(one, { x: text }).issues === undefined).toBe(taken)
  })

  it('never throw, whatever is sent, and what they take is what was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const before = JSON.stringify(value)
        const result = read(order, value)
        if (!result.issues) expect(result.value).toEqual(value)
        expect(JSON.stringify(value)).toBe(before)
      }),
    )
  })

  it.each<[unknown, string]>([
    [{ a: { type: 'text' } }, 'There are string'],
    [{ a: { type: 'strng' } }, 'Did you mean "string"?'],
    [{ a: { type: 'string', mx: 5 } }, 'has no mx'],
    [{ a: { type: 'string', requird: true } }, 'Did you mean "required"?'],
    [{ a: { type: 'string', trim: true } }, 'has no trim'],
    [{ a: { type: 'string', min: 5, max: 1 } }, 'larger'],
    [{ a: { type: 'integer', max: '5' } }, 'fit'],
    [{ a: { type: 'date', min: 'today' } }, 'fit'],
    [{ a: { type: 'enum', values: [1] } }, 'list of texts'],
    [{ a: { type: 'array' } }, '.a[]'],
    [{ a: { type: 'object', fields: { b: {} } } }, '.a.b'],
    [{ a: { type: 'string', pattern: /(?=a)/ } }, 'linear time'],
    [{ a: { type: 'string', pattern: /[a-z]{1,200}\d/ } }, 'with max: '],
    [5, 'object of rules'],
  ])('that are none are refused where they are written: %j', (set, text) => {
    expect(() => rules(set as RuleSet)).toThrowError(
      expect.objectContaining({ code: 'schema_invalid', message: expect.stringContaining(text) }),
    )
  })
})
