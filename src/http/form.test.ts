import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import naughty from '../../test/vectors/naughty-strings/blns.json' with { type: 'json' }
import { defaultFormBounds, readForm, readQuery } from './form.ts'

describe('forms and queries', () => {
  it.each([
    ['', {}],
    ['a=1', { a: '1' }],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['=x', { '': 'x' }],
    ['&&a=1&', { a: '1' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=x+y%20z', { a: 'x y z' }],
    ['a+b=1', { 'a b': '1' }],
    ['a=%2B%26%3D', { a: '+&=' }],
    ['a=%F0%9F%98%80', { a: '😀' }],
    ['a[b]=1&a[]=2', { 'a[b]': '1', 'a[]': '2' }],
    ['a.b=1', { 'a.b': '1' }],
    ['a=1;b=2', { a: '1;b=2' }],
    ['constructor=1&toString=2', { constructor: '1', toString: '2' }],
  ])('%j holds %j', (text, value) => {
    expect(readQuery(text)).toEqual({ ok: true, value, repeated: [] })
  })

  it('a repeated name gives a list, and says so; a single one never does', () => {
    expect(readQuery('a=1&b=2&a=3&%61=4')).toEqual({
      ok: true,
      value: { a: ['1', '3', '4'], b: '2' },
      repeated: ['a'],
    })
  })

  it.each([
    ['__proto__=1', 'forbidden_key', '/__proto__'],
    ['__pro%74o__=1', 'forbidden_key', '/__proto__'],
    ['a=%00', 'forbidden_character', '/a'],
    ['a~/=%00', 'forbidden_character', '/a~0~1'],
    ['%00=1', 'forbidden_character', '/\0'],
    [`a=${'x'.repeat(10_001)}`, 'string_too_long', '/a'],
  ])('%.40j is refused as %s', (text, code, pointer) => {
    expect(readQuery(text)).toEqual({ ok: false, code, pointer })
  })

  it.each([
    ...['a=%', 'a=%4', 'a=%zz', 'a=%u0041', 'a=%ff', 'a=%c0%af', 'a=%ed%a0%80', '%=1', 'a=%C3'],
    ...['a=é', 'a=x y', 'a=\n', 'a=\0', 'a=\x7f'],
  ])('malformed: %j', (text) => {
    expect(readQuery(text)).toEqual({ ok: false, code: 'malformed_form' })
  })

  it('bytes beyond ASCII are refused in a body too', () => {
    expect(readForm(Uint8Array.from([0x61, 0x3d, 0xe9]))).toMatchObject({ code: 'malformed_form' })
    expect(readForm(new TextEncoder().encode('a=é'))).toMatchObject({ code: 'malformed_form' })
  })

  it('more than a thousand fields are refused', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, i) => `a${i}=1`).join('&')
    expect(readQuery(fields(1_000)).ok).toBe(true)
    expect(readQuery(fields(1_001))).toEqual({ ok: false, code: 'too_many_keys' })
    expect(readQuery('a=1&'.repeat(1_001))).toEqual({ ok: false, code: 'too_many_keys' })
  })

  it('on routes without a schema names with $ or a dot are refused', () => {
    for (const name of ['$ne', 'a.b', 'a%24']) {
      const plain = { ...defaultFormBounds, plainKeys: true }
      expect(readQuery(`${name}=1`, plain)).toMatchObject({ ok: false, code: 'forbidden_key' })
    }
  })

  it('every naughty string survives', () => {
    for (const text of naughty) {
      const body = new URLSearchParams({ comment: text }).toString()
      const result = readForm(new TextEncoder().encode(body))
      expect(result).toEqual({ ok: true, value: { comment: text }, repeated: [] })
    }
  })

  it('what is taken is what URLSearchParams reads', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '=',
      '&',
      '+',
      '%',
      '%41',
      '%C3%A9',
      '%0',
      'é',
      '.',
      '[',
    )
    const query = fc.array(piece, { maxLength: 20 }).map((list) => list.join(''))
    let taken = 0
    fc.assert(
      fc.property(query, (text) => {
        const result = readQuery(text)
        if (!result.ok) return
        taken += 1
        const params = new URLSearchParams(text)
        expect(Object.keys(result.value).sort()).toEqual([...new Set(params.keys())].sort())
        for (const [name, value] of Object.entries(result.value)) {
          expect([value].flat()).toEqual(params.getAll(name))
          expect(Array.isArray(value)).toBe(result.repeated.includes(name))
        }
      }),
      { numRuns: 5_000 },
    )
    expect(taken).toBeGreaterThan(1_000)
  })

  it('any bytes are read without a throw and leave no trace on prototypes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(typeof readForm(bytes).ok).toBe('boolean')
      }),
      { numRuns: 5_000 },
    )
    expect(readQuery('__proto__[x]=1&constructor[prototype][x]=1').ok).toBe(true)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it.each(['a=1&', '%41', '%', '&', '+', 'a', '='])('100 KB of %j are decided', (piece) => {
    const text = piece.repeat(100_000 / piece.length)
    for (let round = 0; round < 20; round += 1) expect(typeof readQuery(text).ok).toBe('boolean')
  })
})
