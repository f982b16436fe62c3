import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPhc, isPayable, type PhcHash, parsePhc } from './phc.ts'

const salt = 'c29tZXNhbHRzb21lc2FsdA'
const tag = 'RdescudvJCsgt3ub+b2dWRWJTmaaJObGwHRiwVt0AXM'
const good = `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${tag}`

describe('a PHC string', () => {
  it('is read and written', () => {
    const hashes = fc.record<PhcHash>({
      memoryKiB: fc.integer({ min: 128, max: 262_144 }),
      passes: fc.integer({ min: 1, max: 16 }),
      parallelism: fc.integer({ min: 1, max: 16 }),
      keyId: fc.constantFrom(undefined, 'a', '2026-01', 'A+/.-z'),
      salt: fc.uint8Array({ minLength: 8, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      tag: fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    })
    fc.assert(
      fc.property(hashes, (hash) => {
        expect(parsePhc(formatPhc(hash))).toEqual(hash)
      }),
    )
  })

  it('names its pepper', () => {
    expect(parsePhc(good)?.keyId).toBeUndefined()
    expect(parsePhc(good.replace('p=1', 'p=1,keyid=2026-01'))?.keyId).toBe('2026-01')
  })

  it.each([
    ['argon2i', good.replace('argon2id', 'argon2i')],
    ['argon2d', good.replace('argon2id', 'argon2d')],
    ['version 16', good.replace('v=19', 'v=16')],
    ['no version', good.replace('$v=19', '')],
    ['parameters out of order', good.replace('m=19456,t=2', 't=2,m=19456')],
    ['a leading zero', good.replace('t=2', 't=02')],
    ['a sign', good.replace('t=2', 't=+2')],
    ['4 GiB', good.replace('m=19456', 'm=4194304')],
    ['99 passes', good.replace('t=2', 't=99')],
    ['17 lanes', good.replace('p=1', 'p=17')],
    ['too little memory for its lanes', good.replace('m=19456,t=2,p=1', 'm=8,t=2,p=2')],
    ['an unknown parameter', good.replace('p=1', 'p=1,data=AAAA')],
    ['a padded salt', good.replace(salt, `${salt}==`)],
    ['unused bits in the salt', good.replace(salt, `${salt.slice(0, -1)}B`)],
    ['base64url', good.replace('+', '-')],
    ['a short salt', good.replace(salt, 'c29tZXNh')],
    ['a short tag', good.replace(tag, 'RdescudvJCsgt3ub')],
    ['a line end', `${good}\n`],
    ['a further part', `${good}$x`],
    ['bcrypt', '$2b$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'],
    ['nothing', ''],
  ])('with %s is not ours', (_, text) => {
    expect(parsePhc(text)).toBeUndefined()
  })

  it('is read in linear time', () => {
    const long = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(1_000_000)}`
    expect(parsePhc(long)).toBeUndefined()
  })
})

describe('a cost', () => {
  it.each([
    [{ memoryKiB: 19_456, passes: 2, parallelism: 1 }, true],
    [{ memoryKiB: 262_144, passes: 16, parallelism: 16 }, true],
    [{ memoryKiB: 7, passes: 2, parallelism: 1 }, false],
    [{ memoryKiB: 262_145, passes: 2, parallelism: 1 }, false],
    [{ memoryKiB: 19_456, passes: 0, parallelism: 1 }, false],
    [{ memoryKiB: 19_456, passes: 2.5, parallelism: 1 }, false],
    [{ memoryKiB: Number.NaN, passes: 2, parallelism: 1 }, false],
  ])('of %j is payable: %s', (cost, payable) => {
    expect(isPayable(cost)).toBe(payable)
  })
})
