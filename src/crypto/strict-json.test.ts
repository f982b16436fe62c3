import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictObject } from './strict-json.ts'

const parse = (text: string) => parseStrictObject(Buffer.from(text, 'utf8'))

describe('parseStrictObject', () => {
  it('reads every JSON object as JSON.parse does', () => {
    const object = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), { maxKeys: 8 })
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        fc.pre(!text.includes('__proto__') && text.isWellFormed() && !/\\ud[89a-f]/i.test(text))
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses a member written twice, wherever and however', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.jsonValue(), (name, value) => {
        const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`
        fc.pre(!member.includes('__proto__'))
        expect(parse(`{"x":{${member}}}`)).toBeDefined()
        expect(parse(`{"x":{${member},"y":"a:\\"b\\\\",${member}}}`)).toBeUndefined()
      }),
    )
    expect(parse('{"a":1,"\\u0061":2}')).toBeUndefined()
    expect(parse('{"a":[{"b":1,"b":1}]}')).toBeUndefined()
  })

  it.each([
    ['an array', '[]'],
    ['null', 'null'],
    ['a string', '"{}"'],
    ['a number', '1'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['NaN', '{"a":NaN}'],
    ['a comment', '{}//'],
    ['a trailing comma', '{"a":1,}'],
    ['two documents', '{}{}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a lone surrogate in a name', '{"\\udc00":1}'],
    ['__proto__', '{"__proto__":{"a":1}}'],
    ['__proto__ escaped and nested', '{"a":{"\\u005f_proto__":1}}'],
    ['17 levels', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['4,000 levels', `{"a":${'['.repeat(4_000)}${']'.repeat(4_000)}}`],
  ])('refuses %s', (_, text) => {
    expect(parse(text)).toBeUndefined()
  })

  it.each(['{"a":"\\\\ud800"}', '{"a":"\\ud83d\\ude00"}', '{"a" \n : "b\\\\" , "c":":"}'])(
    'reads %s, which only looks odd',
    (text) => {
      expect(parse(text)).toEqual(JSON.parse(text))
    },
  )

  it('refuses bytes that are not UTF-8', () => {
    expect(parseStrictObject(Buffer.from('{"a":"\xff"}', 'latin1'))).toBeUndefined()
    expect(parseStrictObject(Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'))).toBeUndefined()
    expect(parseStrictObject(Buffer.from('{"a":"\xc0\x80"}', 'latin1'))).toBeUndefined()
  })

  it('reads 16 levels', () => {
    expect(parse(`${'{"a":'.repeat(16)}1${'}'.repeat(16)}`)).toBeDefined()
  })
})
