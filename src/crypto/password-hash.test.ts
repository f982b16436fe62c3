import { randomBytes } from 'node:crypto'
import { hash as oracleHash, verify as oracleVerify } from '@node-rs/argon2'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../ports/index.ts'
import type { Argon2Work } from './argon2.ts'
import { nativeArgon2 } from './argon2.ts'
import {
  defaultHashConcurrency,
  PasswordHasher,
  type PasswordHasherOptions,
} from './password-hash.ts'
import { formatPhc } from './phc.ts'

const cheap = { memoryKiB: 64, passes: 1, parallelism: 1, concurrency: 2, maxWaitMs: 5_000 }
const make = (options: Partial<PasswordHasherOptions> = {}) =>
  new PasswordHasher({ ...cheap, clock: systemClock, ...options })
const pepperKeys = new Map([
  ['old', randomBytes(32)],
  ['new', randomBytes(32)],
])

/** A hasher that notes the shape of every argon2 computation it asks for. */
function counted(options: Partial<PasswordHasherOptions> = {}) {
  const works: Argon2Work[] = []
  const hasher = make({
    ...options,
    argon2: (work) => {
      works.push(work)
      return nativeArgon2(work)
    },
  })
  const shapes = () =>
    works
      .splice(0)
      .map(({ salt, message: _, ...cost }) => ({ ...cost, saltBytes: salt.byteLength }))
  return { hasher, shapes }
}

describe('a password', () => {
  const hasher = make()
  afterAll(() => hasher.close())

  it('verifies against its own hash alone', async () => {
    const stored = await hasher.hash('correct horse battery staple')
    expect(await hasher.verify(stored, 'correct horse battery staple')).toEqual({
      valid: true,
      needsRehash: false,
    })
    for (const wrong of [
      '',
      'correct horse battery stapl',
      'correct horse battery staple ',
      'Correct horse battery staple',
    ]) {
      expect(await hasher.verify(stored, wrong)).toEqual({ valid: false, needsRehash: false })
    }
  })

  it('is hashed with a salt of its own', async () => {
    const hashes = await Promise.all(Array.from({ length: 20 }, () => hasher.hash('same')))
    expect(new Set(hashes).size).toBe(20)
  })

  it('counts to its last byte and with every character', async () => {
    const long = `${'a'.repeat(4_000)}`
    const stored = await hasher.hash(`${long}x`)
    expect((await hasher.verify(stored, `${long}x`)).valid).toBe(true)
    expect((await hasher.verify(stored, `${long}y`)).valid).toBe(false)
    const odd = ' \u0000pass\u0000word\u{1f511}\ufeff '
    const oddHash = await hasher.hash(odd)
    expect((await hasher.verify(oddHash, odd)).valid).toBe(true)
    expect((await hasher.verify(oddHash, odd.trim())).valid).toBe(false)
    expect((await hasher.verify(oddHash, ' \u0000')).valid).toBe(false)
  })

  it('is the same composed and decomposed (NFC), but not folded further', async () => {
    const stored = await hasher.hash('caf\u00e9 \u212b')
    expect((await hasher.verify(stored, 'cafe\u0301 \u00c5')).valid).toBe(true)
    expect((await hasher.verify(stored, 'cafe \u00c5')).valid).toBe(false)
    const ligature = await hasher.hash('\ufb01le')
    expect((await hasher.verify(ligature, 'file')).valid).toBe(false)
  })

  it('that UTF-8 cannot hold or nobody could type is neither hashed nor valid', async () => {
    await expect(hasher.hash('\ud800')).rejects.toThrow(TypeError)
    await expect(hasher.hash('a'.repeat(4_097))).rejects.toThrow(TypeError)
    const stored = await hasher.hash('a'.repeat(4_096))
    expect((await hasher.verify(stored, 'a'.repeat(4_097))).valid).toBe(false)
    const replaced = await hasher.hash('\ufffd')
    expect((await hasher.verify(replaced, '\ud800')).valid).toBe(false)
  })
})

describe('a stored hash', () => {
  it('is a PHC string at the cost of OWASP that others verify', async () => {
    const hasher = make({ memoryKiB: 19_456, passes: 2 })
    const stored = await hasher.hash('pa\u00dfword')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(await oracleVerify(stored, 'pa\u00dfword')).toBe(true)
    expect(await oracleVerify(stored, 'pa\u00dfwort')).toBe(false)
  })

  it('made by others verifies', async () => {
    const stored = await oracleHash('imported', { memoryCost: 128, timeCost: 3, parallelism: 2 })
    expect(await make().verify(stored, 'imported')).toEqual({ valid: true, needsRehash: true })
    expect((await make().verify(stored, 'imported ')).valid).toBe(false)
  })

  it('asks for a rehash exactly when a hash of today would differ', async () => {
    const stored = await make().hash('x')
    const needs = async (options: Partial<PasswordHasherOptions>) =>
      (await make(options).verify(stored, 'x')).needsRehash
    expect(await needs({})).toBe(false)
    expect(await needs({ concurrency: 1, maxWaitMs: 1 })).toBe(false)
    expect(await needs({ memoryKiB: 128 })).toBe(true)
    expect(await needs({ memoryKiB: 32 })).toBe(true)
    expect(await needs({ passes: 2 })).toBe(true)
    expect(await needs({ parallelism: 2 })).toBe(true)
    expect(await needs({ pepper: { current: 'new', keys: pepperKeys } })).toBe(true)
    expect((await make({ passes: 2 }).verify(stored, 'wrong')).needsRehash).toBe(false)
  })

  it('with a shorter salt or tag than ours verifies and asks for a rehash', async () => {
    const made = async (saltBytes: number, tagBytes: number) => {
      const cost = { memoryKiB: 64, passes: 1, parallelism: 1 }
      const salt = randomBytes(saltBytes)
      const tag = await nativeArgon2({ ...cost, message: Buffer.from('x'), salt, tagBytes })
      return formatPhc({ ...cost, keyId: undefined, salt, tag: Buffer.from(tag) })
    }
    const check = async (saltBytes: number, tagBytes: number) =>
      make().verify(await made(saltBytes, tagBytes), 'x')
    expect(await check(16, 32)).toEqual({ valid: true, needsRehash: false })
    expect(await check(8, 32)).toEqual({ valid: true, needsRehash: true })
    expect(await check(16, 16)).toEqual({ valid: true, needsRehash: true })
  })

  it('that is missing is never valid, even should the dummy be hit', async () => {
    const sevens = (length: number) => new Uint8Array(length).fill(7)
    const lucky = make({ random: { bytes: sevens }, argon2: async () => sevens(32) })
    expect(await lucky.verify('', 'x')).toEqual({ valid: false, needsRehash: false })
  })

  const notOurs: readonly [string, string][] = [
    ['nothing', ''],
    ['MD5 crypt', '$1$abcdefgh$ABCDEFGHIJKLMNOPQRSTUV'],
    [
      '4 GiB',
      '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b2dWRWJTmaaJObGwHRiwVt0AXM',
    ],
    [
      'an unknown pepper',
      '$argon2id$v=19$m=64,t=1,p=1,keyid=gone$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b2dWRWJTmaaJObGwHRiwVt0AXM',
    ],
    ['half a hash', '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA'],
    ['noise', '\u0000\ud800$$$$$$'],
  ]
  it.each(notOurs)('of %s is not valid, after the same work', async (_, stored) => {
    const { hasher, shapes } = counted()
    await hasher.hash('x')
    const [usual] = shapes()
    expect(await hasher.verify(stored, 'x')).toEqual({ valid: false, needsRehash: false })
    expect(shapes()).toEqual([usual])
  })
})

describe('the work', () => {
  it.each([
    ['without a pepper', undefined],
    ['with a pepper', { current: 'new', keys: pepperKeys }],
  ])('of known and unknown accounts is the same, %s', async (_, pepper) => {
    const { hasher, shapes } = counted(pepper ? { pepper } : {})
    const stored = await hasher.hash('right')
    const [usual] = shapes()
    for (const attempt of [
      () => hasher.verify(stored, 'right'),
      () => hasher.verify(stored, 'wrong'),
      () => hasher.verifyDummy('right'),
      () => hasher.verifyDummy('\ud800'),
      () => hasher.verifyDummy('a'.repeat(100_000)),
    ]) {
      await attempt()
      expect(shapes()).toEqual([usual])
    }
  })

  it('of the dummy waits in the same queue and is refused by the same limit', async () => {
    let finish = () => {}
    const blocked = new Promise<Uint8Array>((resolve) => {
      finish = () => resolve(new Uint8Array(32))
    })
    const hasher = make({ concurrency: 1, maxWaitMs: 60, argon2: () => blocked })
    const running = [hasher.verifyDummy('a'), hasher.verifyDummy('b')]
    expect(hasher.queueDepth).toBe(1)
    const full = { code: 'password_queue_full', status: 503, extras: { retryAfter: 1 } }
    await expect(hasher.verifyDummy('c')).rejects.toMatchObject(full)
    await expect(hasher.verify('', 'c')).rejects.toMatchObject(full)
    await expect(hasher.hash('c')).rejects.toMatchObject(full)
    finish()
    await Promise.all(running)
  })

  it('in flight is done when close() resolves', async () => {
    const hasher = make({ concurrency: 1 })
    const hashes = [hasher.hash('a'), hasher.hash('b')]
    await hasher.close()
    expect(hasher.queueDepth).toBe(0)
    await expect(Promise.all(hashes)).resolves.toHaveLength(2)
    await expect(hasher.hash('c')).rejects.toMatchObject({ code: 'unavailable', status: 503 })
  })

  it('leaves a thread of libuv to others', () => {
    expect(defaultHashConcurrency()).toBeGreaterThanOrEqual(1)
    expect(defaultHashConcurrency()).toBeLessThanOrEqual(3)
  })
})

describe('a pepper', () => {
  const peppered = make({ pepper: { current: 'new', keys: pepperKeys } })

  it('is named in the hash and needed to verify it', async () => {
    const stored = await peppered.hash('x')
    expect(stored).toMatch(/,p=1,keyid=new\$/)
    expect(await peppered.verify(stored, 'x')).toEqual({ valid: true, needsRehash: false })
    expect((await make().verify(stored, 'x')).valid).toBe(false)
    const others = new Map([['new', randomBytes(32)]])
    expect(
      (await make({ pepper: { current: 'new', keys: others } }).verify(stored, 'x')).valid,
    ).toBe(false)
  })

  it('makes the hash useless without it, even when its name is cut out', async () => {
    const stored = await peppered.hash('x')
    expect((await peppered.verify(stored.replace(',keyid=new', ''), 'x')).valid).toBe(false)
    expect((await peppered.verify(stored.replace('keyid=new', 'keyid=old'), 'x')).valid).toBe(false)
  })

  it('that is unknown is not taken for none', async () => {
    const bare = await make().hash('x')
    const labelled = bare.replace('p=1$', 'p=1,keyid=gone$')
    expect((await make().verify(labelled, 'x')).valid).toBe(false)
    expect((await peppered.verify(labelled, 'x')).valid).toBe(false)
  })

  it('is a copy that later changes to the map do not reach', async () => {
    const keys = new Map([['k', randomBytes(32)]])
    const hasher = make({ pepper: { current: 'k', keys } })
    const stored = await hasher.hash('x')
    keys.clear()
    expect((await hasher.verify(stored, 'x')).valid).toBe(true)
  })

  it('of yesterday still verifies and asks for a rehash', async () => {
    const stored = await make({ pepper: { current: 'old', keys: pepperKeys } }).hash('x')
    expect(await peppered.verify(stored, 'x')).toEqual({ valid: true, needsRehash: true })
  })

  it.each([
    ['without its key', { current: 'gone', keys: pepperKeys }],
    ['with a short key', { current: 'a', keys: new Map([['a', randomBytes(15)]]) }],
    [
      'with a name that breaks the hash',
      { current: 'a$b', keys: new Map([['a$b', randomBytes(32)]]) },
    ],
    ['with an empty name', { current: '', keys: new Map([['', randomBytes(32)]]) }],
  ])('%s is refused at construction', (_, pepper) => {
    expect(() => make({ pepper })).toThrow(TypeError)
  })
})

describe('a cost', () => {
  it.each([
    { memoryKiB: 4 },
    { memoryKiB: 1e9 },
    { passes: 0 },
    { parallelism: 0 },
    { passes: 1.5 },
  ])('of %j is refused at construction', (cost) => {
    expect(() => make(cost)).toThrow(TypeError)
  })
})
