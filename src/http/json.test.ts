import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import naughty from '../../test/vectors/naughty-strings/blns.json' with { type: 'json' }
import { defaultJsonBounds, type JsonBounds, readJson } from './json.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string, bounds: Partial<JsonBounds> = {}) =>
  readJson(bytes(text), { ...defaultJsonBounds, ...bounds })
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const many = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(',')

/** A title for each case: its text, cut. */
const titled = <T extends readonly [string, ...string[]]>(cases: readonly T[]) =>
  cases.map((one) => [one[0].slice(0, 60), ...one] as const)

describe('what is refused, and where', () => {
  const refused: [string, string, string][] = [
    ['{"__proto__": {}}', 'forbidden_key', '/__proto__'],
    ['{"a": [0, {"__proto__": 1}]}', 'forbidden_key', '/a/1/__proto__'],
    ['{"\\u005f_proto__": {}}', 'forbidden_key', '/__proto__'],
    ['{"__\\u0070roto__": {}}', 'forbidden_key', '/__proto__'],
    ['{"constructor": {"prototype": {"x": 1}}}', 'forbidden_key', '/constructor/prototype'],
    ['{"a": 1, "a": 1}', 'duplicate_key', '/a'],
    ['{"a": 1, "\\u0061": 2}', 'duplicate_key', '/a'],
    ['{"a~/b": 1, "a~/b": 2}', 'duplicate_key', '/a~0~1b'],
    ['{"x": {"": 1, "": 2}}', 'duplicate_key', '/x/'],
    [`{${many(12, (index) => `"k${index}": 0`)}, "k3": 0}`, 'duplicate_key', '/k3'],
    ['["\\u0000"]', 'forbidden_character', '/0'],
    ['{"a\\u0000": 1}', 'forbidden_character', ''],
    ['["\\ud800"]', 'forbidden_character', '/0'],
    ['["\\udc00"]', 'forbidden_character', '/0'],
    ['["\\ud800x"]', 'forbidden_character', '/0'],
    ['["\\ud83d\\ud83d\\ude00"]', 'forbidden_character', '/0'],
    ['["\\ud800\\n"]', 'forbidden_character', '/0'],
    [nested(33), 'too_deep', '/0'.repeat(32)],
    [`{"a":${'{"a":'.repeat(32)}1${'}'.repeat(33)}`, 'too_deep', '/a'.repeat(32)],
    [`["${'x'.repeat(10_001)}"]`, 'string_too_long', '/0'],
    [`["${'\\n'.repeat(10_001)}"]`, 'string_too_long', '/0'],
    [`["\\u0041${'x'.repeat(10_000)}"]`, 'string_too_long', '/0'],
    [`{"${'k'.repeat(10_001)}": 1}`, 'string_too_long', ''],
    [`{"a": [${many(1_001, () => '0')}]}`, 'array_too_long', '/a'],
    [`{${many(1_001, (index) => `"k${index}":0`)}}`, 'too_many_keys', ''],
    ['[9007199254740992]', 'unsafe_number', '/0'],
    ['{"n": -9007199254740993}', 'unsafe_number', '/n'],
    ['[1e400]', 'unsafe_number', '/0'],
    ['[9e99]', 'unsafe_number', '/0'],
    ['[1E16]', 'unsafe_number', '/0'],
    ['[12345678901234567890123]', 'unsafe_number', '/0'],
  ]

  it.each(titled(refused))('%s', (_, text, code, pointer) => {
    expect(read(text)).toEqual({ ok: false, code, pointer })
  })

  it.each([
    ...['', ' ', '{', '}', '[', ']', '[1', '[1,', '[1,]', '[,1]', '{"a"}', '{"a":}', '{"a":1,}'],
    ...['{a:1}', "{'a':1}", '"', '"\\', '"\\u12', '"\\x41"', '"\\u00g0"', 'nul', 'NaN', '-', '01'],
    ...['+1', '1.', '.5', '1e', '0x10', 'Infinity', 'true false', '[1] x', '{} {}', '// c\n1'],
    ...['/**/1', '"a\nb"', '"a\tb"', '"a\0b"', '\ufeff1', '\u00a01', '[1]\u0000', '{"a":1"b":2}'],
    ...['{"a" 1}', '[1 2]', '{"a":1]', '[1}', '"\\u"', '{1:2}', 'undefined', '{"a":undefined}'],
  ])('malformed text: %j', (text) => {
    expect(read(text)).toEqual({ ok: false, code: 'malformed_json' })
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
  })

  it.each([
    ['a byte order mark', [0xef, 0xbb, 0xbf, 0x31]],
    ['a lone continuation byte', [0x22, 0x80, 0x22]],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character beyond Unicode', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['half a character', [0x22, 0xc3, 0x22]],
    ['UTF-16', [0x31, 0x00]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
  ])('bytes that are no plain UTF-8: %s', (_, list) => {
    expect(readJson(Uint8Array.from(list))).toEqual({ ok: false, code: 'malformed_json' })
  })

  it.each(['$where', 'a.b', '.', '$', 'a$', '\\u0024ne'])(
    'on routes without a schema, the key %s',
    (key) => {
      expect(read(`{"x":{"${key}":1}}`).ok).toBe(true)
      const refused = read(`{"x":{"${key}":1}}`, { plainKeys: true })
      expect(refused).toMatchObject({ ok: false, code: 'forbidden_key' })
    },
  )

  it('a pointer is left out rather than long', () => {
    const key = 'k'.repeat(400)
    expect(read(`{"${key}": ["\\u0000"]}`)).toEqual({ ok: false, code: 'forbidden_character' })
  })
})

describe('what is taken', () => {
  const taken = [
    ...['{}', '[]', '0', '-0', '"x"', 'null', 'true', 'false', ' \t\r\n{ "a" : [ 1 , 2 ] } '],
    ...['{"constructor": "Williams"}', '{"prototype": 1}', '{"constructor": {"name": "x"}}'],
    ...['{"proto": 1, "_proto_": 2, "hasOwnProperty": 3, "toString": 4}', '{"A":1,"a":2}'],
    ...[
      '"\\ud83d\\ude00"',
      '"😀"',
      '"\\u00e9"',
      '"\\\\u0000"',
      '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
      '""',
    ],
    ...['9007199254740991', '-9007199254740991', '1.5', '1e15', '0.1e-300', '1E3', '1e-7'],
    ...['{"\u00e9":1,"e\u0301":2}', '[[[[[]]]]]', '{"a":{"b":1},"b":{"a":1}}', '"\u2028\u2029"'],
    nested(32),
    `["${'x'.repeat(10_000)}"]`,
    `["${'\\ud83d\\ude00'.repeat(5_000)}"]`,
    `[${many(1_000, () => '0')}]`,
    `{${many(1_000, (index) => `"k${index}":0`)}}`,
  ]

  it.each(titled(taken.map((text) => [text] as const)))('%s', (_, text) => {
    expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it('every naughty string, byte for byte', () => {
    expect(naughty.length).toBeGreaterThan(500)
    for (const text of naughty) {
      const result = read(JSON.stringify({ [`k${text.replaceAll('\0', '')}`]: text }))
      expect(result).toEqual({ ok: true, value: { [`k${text}`]: text } })
    }
  })

  it('more, where a schema widens the bounds', () => {
    expect(read(nested(60), { depth: 60 }).ok).toBe(true)
    expect(read('[1e300]', { safeNumbers: false })).toEqual({ ok: true, value: [1e300] })
    expect(read(`[${many(2_000, () => '0')}]`, { arrayItems: 2_000 }).ok).toBe(true)
    expect(read(`"${'x'.repeat(20_000)}"`, { stringLength: 20_000 }).ok).toBe(true)
  })
})

describe('whatever comes', () => {
  const tokens = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', 'd83d', '0000', '__proto__', 'a', '1', '-'],
    ...['e', '.', 'true', 'null', ' ', '\n', '"a"', '"a":', '{"a":1}', 'é', '😀', '\0', '/'],
  )
  const almostJson = fc.oneof(
    fc.json({ maxDepth: 5 }),
    fc.array(tokens, { maxLength: 30 }).map((list) => list.join('')),
    fc.tuple(fc.json({ maxDepth: 4 }), fc.nat(), tokens).map(([text, at, token]) => {
      const cut = at % (text.length + 1)
      return text.slice(0, cut) + token + text.slice(cut)
    }),
  )

  it('what is taken equals what JSON.parse reads, and what JSON.parse refuses is refused', () => {
    let taken = 0
    let refused = 0
    fc.assert(
      fc.property(almostJson, (text) => {
        const result = read(text)
        if (!result.ok) {
          refused += 1
          if (result.code === 'malformed_json') expect(() => JSON.parse(text)).toThrow()
        } else {
          taken += 1
          expect(result.value).toEqual(JSON.parse(text))
        }
      }),
      { numRuns: 10_000 },
    )
    expect(Math.min(taken, refused)).toBeGreaterThan(2_000)
  })

  it('no taken value holds a duplicate, a half pair, a NUL or a number that changed', () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        const result = read(text)
        fc.pre(result.ok)
        const again = JSON.stringify(result.ok && result.value)
        expect(countKeys(result.ok && result.value)).toBe(countColons(text))
        expect(again).not.toMatch(/\\u0000|\\ud[89a-f]/i)
        expect(Object.getPrototypeOf({})).not.toHaveProperty('x')
      }),
      { numRuns: 5_000 },
    )
  })

  it('any bytes are read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (list) => {
        expect(typeof readJson(list).ok).toBe('boolean')
      }),
      { numRuns: 5_000 },
    )
  })

  it('a view into a larger buffer is read alone', () => {
    const whole = bytes('[1][2][3]')
    expect(readJson(whole.subarray(3, 6))).toEqual({ ok: true, value: [2] })
  })
})

/** Colons outside of texts: the keys that were written. */
function countColons(text: string): number {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const own = Array.isArray(value) ? 0 : Object.keys(value).length
  return Object.values(value).reduce<number>((sum, item) => sum + countKeys(item), own)
}

describe('100 KB worst cases', () => {
  const size = 100_000
  const keys = (count: number, key: (index: number) => string) =>
    `{${many(count, (index) => `"${key(index)}":0`)}}`

  // Each would take seconds, or the stack, if a step were quadratic or recursed without a bound.
  it.each([
    ['open brackets', 'too_deep', '['.repeat(size)],
    ['open objects', 'too_deep', '{"a":'.repeat(size / 5)],
    ['an open text', 'malformed_json', `"${'a'.repeat(size)}`],
    ['escapes in an open text', 'malformed_json', `"${'\\n'.repeat(size / 2)}`],
    ['quotes', 'malformed_json', '"'.repeat(size)],
    ['backslashes', 'malformed_json', `"${'\\'.repeat(size)}`],
    ['surrogates', undefined, `"${'\\ud83d\\ude00'.repeat(size / 12)}"`],
    ['digits', 'unsafe_number', '1'.repeat(size)],
    ['an endless fraction', undefined, `0.${'1'.repeat(size)}`],
    ['blanks', 'malformed_json', ' '.repeat(size)],
    ['short texts and one escape at the end', undefined, `[${'"a",'.repeat(size / 4)}"\\n"]`],
    ['texts and escapes in turn', undefined, `[${'"a","\\n",'.repeat(size / 9)}0]`],
    ['keys', undefined, keys(size / 10, (index) => `k${index}`)],
    ['numeric keys', undefined, keys(size / 12, (index) => String(index * 1_024))],
    ['empty objects', undefined, `[${'{},'.repeat(size / 3)}{}]`],
    ['letters that begin words', 'malformed_json', 't'.repeat(size)],
  ])('are decided: %s', (_, code, text) => {
    const wide = { arrayItems: size, objectKeys: size, stringLength: size }
    for (let round = 0; round < 20; round += 1) {
      const result = read(text, wide)
      expect(result.ok ? undefined : result.code).toBe(code)
    }
  })
})
