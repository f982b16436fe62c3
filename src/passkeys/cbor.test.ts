import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cbor, encodeCbor } from '../../test/passkeys/cbor.ts'
import { endOfItem, isOneItem } from './cbor.ts'

describe('CBOR', () => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex')

  it.each([
    '00',
    '17',
    '1818',
    '190100',
    '1a00010000',
    '20',
    '40',
    '6161',
    '80',
    'a0',
    'f4',
    'f5',
    'f6',
  ])('%s is one item', (hex) => expect(isOneItem(bytes(hex))).toBe(true))

  it.each([
    ['nothing', ''],
    ['a head that stops', '18'],
    ['a head that stops', '1a000000'],
    ['a longer form than it takes', '1817'],
    ['a longer form than it takes', '1900ff'],
    ['a longer form than it takes', '1a0000ffff'],
    ['a length of 64 bits', '5b0000000000000001aa'],
    ['a length that is not told', '5fff'],
    ['a list that does not end', '9f'],
    ['bytes that stop', '43aaaa'],
    ['bytes that stop by gigabytes', '5affffffff00'],
    ['a list that stops', '8201'],
    ['a list of 4 billion', '9affffffff00'],
    ['a map that stops', 'a101'],
    ['a map of 4 billion', 'baffffffff0000'],
    ['a tag', 'c100'],
    ['a fraction', 'f97e00'],
    ['a fraction', 'fb3ff199999999999a'],
    ['undefined', 'f7'],
    ['a simple value', 'f8ff'],
    ['a break', 'ff'],
    ['two items', '0000'],
  ])('that is %s (%s) is refused', (_what, hex) => {
    expect(isOneItem(bytes(hex))).toBe(false)
  })

  it('is eight deep at most', () => {
    expect(isOneItem(bytes(`${'81'.repeat(7)}00`))).toBe(true)
    expect(isOneItem(bytes(`${'81'.repeat(8)}00`))).toBe(false)
  })

  it('of any kind is read to its end and no further', () => {
    const item = fc.letrec<{ item: Cbor }>((tie) => ({
      item: fc.oneof(
        { depthSize: 'small', maxDepth: 5 },
        fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }),
        fc.string(),
        fc.uint8Array(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('item'), { maxLength: 4 }),
        fc
          .uniqueArray(fc.tuple(fc.integer({ min: -9, max: 9 }), tie('item')), {
            selector: ([key]) => key,
            maxLength: 4,
          })
          .map((pairs) => new Map(pairs)),
      ),
    })).item
    fc.assert(
      fc.property(item, fc.uint8Array(), (value, more) => {
        const encoded = encodeCbor(value)
        expect(endOfItem(Buffer.concat([encoded, more]), 0)).toBe(encoded.length)
        for (let cut = 0; cut < Math.min(encoded.length, 50); cut++) {
          expect(endOfItem(encoded.subarray(0, cut), 0)).toBeUndefined()
        }
      }),
    )
  })

  it('of any bytes is read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        const end = endOfItem(any, 0)
        expect(end === undefined || end <= any.length).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
