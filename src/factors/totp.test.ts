import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { generateSync } from 'otplib'
import { describe, expect, it } from 'vitest'
import { findProgram } from '../../test/services/binaries.ts'
import { encodeBase32 } from './base32.ts'
import { codeOf, findStep, readCode, stepMs, stepOf } from './totp.ts'

interface Vectors {
  readonly hotp: readonly { counter: number; secret_ascii: string; expected: string }[]
  readonly totp: readonly { time: number; alg: string; secret_ascii: string; expected: string }[]
}
const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/otp/rfc4226-rfc6238.json', import.meta.url), 'utf8'),
)
const sha1 = vectors.totp.filter(({ alg }) => alg === 'SHA1')
const secret = Buffer.from('12345678901234567890')
const now = 1_790_000_000_000
const current = stepOf(now)
const fresh = { now, lastStep: -1, future: 0 } as const
const oathtool = findProgram('oathtool')

describe('codes', () => {
  it.each(vectors.hotp)('are those of RFC 4226 appendix D: $counter is $expected', (vector) => {
    expect(codeOf(Buffer.from(vector.secret_ascii), vector.counter)).toBe(vector.expected)
  })

  it('are looked at by six vectors of RFC 6238', () => expect(sha1).toHaveLength(6))

  it.each(sha1)(
    'are those of RFC 6238 appendix B, of which they show six digits: $time',
    (vector) => {
      const step = stepOf(vector.time * 1000)
      expect(codeOf(Buffer.from(vector.secret_ascii), step)).toBe(vector.expected.slice(-6))
    },
  )

  it('are those of otplib, for any secret at any time', () => {
    const seconds = fc.integer({ min: 0, max: 20_000_000_000 })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 64 }), seconds, (bytes, epoch) => {
        const theirs = generateSync({ secret: encodeBase32(bytes), epoch })
        expect(codeOf(bytes, stepOf(epoch * 1000))).toBe(theirs)
      }),
    )
  })

  it.skipIf(oathtool === undefined)('are those of oathtool, for any secret at any time', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    const check = (bytes: Uint8Array, epoch: number) => {
      const args = ['--totp', '--base32', '--now', `@${epoch}`, encodeBase32(bytes)]
      const { stdout } = spawnSync(oathtool ?? '', args, { encoding: 'utf8' })
      expect(codeOf(bytes, stepOf(epoch * 1000))).toBe(stdout.trim())
    }
    const secrets = fc.uint8Array({ minLength: 10, maxLength: 64 })
    fc.assert(fc.property(secrets, seconds, check), { numRuns: 50 })
  })
})

describe('rule 14: of all steps', () => {
  it('the current and the previous one are taken, and no other', () => {
    const taken = [-3, -2, -1, 0, 1, 2].filter(
      (away) => findStep(secret, codeOf(secret, current + away), fresh) !== undefined,
    )
    expect(taken).toEqual([-1, 0])
  })

  it('one ahead is taken by option alone', () => {
    const ahead = { ...fresh, future: 1 } as const
    const taken = [-3, -2, -1, 0, 1, 2, 3].filter(
      (away) => findStep(secret, codeOf(secret, current + away), ahead) === current + away,
    )
    expect(taken).toEqual([-1, 0, 1])
  })

  it('a spent one is gone, and so are those before it', () => {
    const afterStep = (lastStep: number, step: number) =>
      findStep(secret, codeOf(secret, step), { ...fresh, lastStep })
    expect(afterStep(current - 1, current - 1)).toBeUndefined()
    expect(afterStep(current - 1, current)).toBe(current)
    expect(afterStep(current, current - 1)).toBeUndefined()
    expect(afterStep(current, current)).toBeUndefined()
  })

  it('none is taken twice by clocks that lie 90 seconds apart, in any order', () => {
    const clocks = fc.array(fc.integer({ min: -90_000, max: 90_000 }), { maxLength: 20 })
    const typed = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 20 })
    fc.assert(
      fc.property(clocks, typed, (offsets, steps) => {
        let lastStep = -1
        const spent = offsets.flatMap((offset, turn) => {
          const code = codeOf(secret, current + (steps[turn] ?? 0))
          const step = findStep(secret, code, { now: now + offset, lastStep, future: 1 })
          lastStep = step ?? lastStep
          return step ?? []
        })
        expect(new Set(spent).size).toBe(spent.length)
      }),
    )
  })

  it('those of the first minute of all time are computed too', () => {
    expect(findStep(secret, codeOf(secret, 0), { ...fresh, now: 0 })).toBe(0)
    expect(findStep(secret, codeOf(secret, 0), { ...fresh, now: stepMs })).toBe(0)
  })

  it('of a code that two of them share, the earlier one is spent and then the later', () => {
    const step = 910_737
    const code = '911617'
    expect([codeOf(secret, step), codeOf(secret, step + 1)]).toEqual([code, code])
    const at = { ...fresh, now: (step + 1) * stepMs }
    expect(findStep(secret, code, at)).toBe(step)
    expect(findStep(secret, code, { ...at, lastStep: step })).toBe(step + 1)
  })
})

describe('what somebody typed', () => {
  it.each(['123456', '123 456', ' 123456 ', '1 2 3 4 5 6'])('is a code: %j', (typed) => {
    expect(readCode(typed)).toBe('123456')
  })

  it.each([
    ...['', '12345', '1234567', '12345a', '-12345', '+12345', '1e5000', '0x1234', '12.456'],
    ...['１２３４５６', '١٢٣٤٥٦', '१२३४५६', '𝟏𝟐𝟑𝟒𝟓𝟔', '12345６', '①②③④⑤⑥'],
    ...['123456\0', '\x00123456', '123\n456', '123\t456', '123\u00a0456', '123456\u200b'],
    ...['123-456', '123456\ud800', '0'.repeat(17)],
  ])('is no code: %j', (typed) => {
    expect(readCode(typed)).toBeUndefined()
  })

  it.each(['0', ' ', '٠'])('is no code of a megabyte of %j', (letter) => {
    expect(readCode(letter.repeat(1_048_576))).toBeUndefined()
  })

  it('is read without a throw, whatever it is, and gives six ASCII digits or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => {
        expect(readCode(typed) ?? '000000').toMatch(/^[0-9]{6}$/)
      }),
    )
  })
})
