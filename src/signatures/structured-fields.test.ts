import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BareItem,
  isInnerList,
  readDictionary,
  Token,
  writeInnerList,
  writeItem,
} from './structured-fields.ts'

describe('a dictionary', () => {
  it('is read and written in one way', () => {
    const field =
      'sig=("@method" "a-b";name="x \\"y\\"");created=12;keyid="k";flag, n=-5, t=a/b, b=?0'
    const read = readDictionary(field)
    const written = [...(read ?? [])].map(
      ([name, member]) =>
        `${name}=${isInnerList(member) ? writeInnerList(member) : writeItem(member)}`,
    )
    expect(written.join(', ')).toBe(field)
  })

  it('knows bytes, words and flags', () => {
    const read = readDictionary('a=:aGk=:, b=word, c')
    expect(read?.get('a')).toMatchObject({ value: Buffer.from('hi') })
    expect(read?.get('b')).toMatchObject({ value: new Token('word') })
    expect(read?.get('c')).toMatchObject({ value: true })
    expect(readDictionary('')?.size).toBe(0)
  })

  it.each([
    ['a name given twice', 'a=1, a=2'],
    ['a parameter given twice', 'a=1;b=1;b=2'],
    ['a name in capitals', 'A=1'],
    ['an end with a comma', 'a=1,'],
    ['something behind it', 'a=1 b'],
    ['a list that does not end', 'a=("b"'],
    ['items that touch', 'a=("b""c")'],
    ['a text that does not end', 'a="b'],
    ['a text beyond ASCII', 'a="ä"'],
    ['an escape of something else', 'a="\\n"'],
    ['a decimal', 'a=1.5'],
    ['a number too long', 'a=1234567890123456'],
    ['base64 in a second spelling', 'a=:aGl=:'],
    ['base64 without its end', 'a=:aGk:'],
    ['too long a field', `a="${'b'.repeat(8_200)}"`],
    ['too many members', Array.from({ length: 65 }, (_, at) => `a${at}=1`).join(', ')],
    ['too many items', `a=(${'1 '.repeat(65)})`],
  ])('that holds %s is none', (_what, field) => {
    expect(readDictionary(field)).toBeUndefined()
  })

  it('of any text gives a reading or none, and never throws', () => {
    let readable = 0
    const pieces = fc.constantFrom(
      ...['a', 'b', '=', '(', ')', ';', ',', ' ', '"', '\\', ':', '?1', '-', '12', '.', '*', '\t'],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        if (readDictionary(parts.join(''))) readable += 1
      }),
      { numRuns: 5_000 },
    )
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void readDictionary(any)))
    expect(readable).toBeGreaterThan(50)
  })

  it('comes back as it was written, whatever its values are', () => {
    const bare = fc.oneof(
      fc.stringMatching(/^[\x20-\x7e]{0,12}$/),
      fc.integer({ min: -1e14, max: 1e14 }),
      fc.boolean(),
      fc.uint8Array({ maxLength: 12 }).map((bytes): BareItem => Buffer.from(bytes)),
      fc.stringMatching(/^[a-z*][a-z0-9:/.-]{0,8}$/).map((text): BareItem => new Token(text)),
    )
    const parameters = fc
      .dictionary(fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}$/), bare, { maxKeys: 3 })
      .map((given) => new Map(Object.entries(given)))
    const items = fc.array(fc.record({ value: bare, parameters }), { maxLength: 4 })
    fc.assert(
      fc.property(items, parameters, (list, outer) => {
        const written = writeInnerList({ items: list, parameters: outer })
        const read = readDictionary(`sig=${written}`)?.get('sig')
        expect(read && isInnerList(read) && writeInnerList(read)).toBe(written)
      }),
    )
  })
})
