import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildFuse } from '../../scripts/password-filter/place.ts'
import { commonKey } from './common-key.ts'
import { FuseFilter, fuseHeaderBytes } from './fuse-filter.ts'

const shipped = readFileSync(new URL('./common-passwords.bin', import.meta.url))

describe('a fuse filter', () => {
  it('knows every key it was built from', () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 400 })
    fc.assert(
      fc.property(keys, (list) => {
        const filter = new FuseFilter(buildFuse(new Set(list)))
        expect(filter.size).toBe(list.length)
        expect(list.filter((key) => !filter.has(key))).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('takes few others for its keys', () => {
    const keys = new Set(Array.from({ length: 5_000 }, (_, at) => `key ${at}`))
    const filter = new FuseFilter(buildFuse(keys))
    const others = Array.from({ length: 100_000 }, (_, at) => `other ${at}`)
    expect(others.filter((other) => filter.has(other)).length).toBeLessThan(10)
  })

  it('is the same for the same keys in another order', () => {
    const keys = Array.from({ length: 500 }, (_, at) => `key ${at}`)
    expect(buildFuse(new Set(keys.toReversed()))).toEqual(buildFuse(new Set(keys)))
  })

  it('is refused unless its bytes are whole', () => {
    const whole = Buffer.from(buildFuse(new Set(['one', 'two'])))
    const renamed = Buffer.concat([Buffer.from('HFCP9'), whole.subarray(5)])
    const broken = [whole.subarray(0, -1), whole.subarray(0, fuseHeaderBytes), Buffer.alloc(0)]
    for (const bytes of [...broken, Buffer.concat([whole, Buffer.alloc(2)]), renamed]) {
      expect(() => new FuseFilter(bytes)).toThrow(RangeError)
    }
  })

  it('holds half a million passwords in less than 1.5 MB as it is shipped', () => {
    expect(new FuseFilter(shipped).size).toBeGreaterThan(480_000)
    expect(shipped.length).toBeLessThan(1_500_000)
  })
})

describe('the form in which passwords are compared', () => {
  it('is one for each case and each Unicode form', () => {
    expect(commonKey('E\u0301T\u00c9')).toBe('\u00e9t\u00e9')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(commonKey(text.normalize('NFD'))).toBe(commonKey(text))
        expect(commonKey(commonKey(text))).toBe(commonKey(text))
      }),
    )
  })

  it('keeps spaces and everything else', () => {
    expect(commonKey(' Pass Word\t1 ')).toBe(' pass word\t1 ')
  })
})
