import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock } from '../ports/index.ts'
import { nativeArgon2 } from './argon2.ts'
import { isPayableForeign } from './foreign-hash.ts'
import { parseForeignHash } from './foreign-hash-parse.ts'
import { PasswordHasher } from './password-hash.ts'

interface Fixture {
  readonly by: string
  readonly password: string
  readonly hash: string
}

const folder = new URL('../../test/vectors/foreign-hashes/', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
const fixtures: readonly Fixture[] = [
  ...['python.json', 'php.json', 'better-auth.json'].flatMap((name) => JSON.parse(read(name))),
  ...read('htpasswd.txt')
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', hash = ''] = line.split(':')
      return { by: `htpasswd -B, ${name}`, password: 'Gruesse aus Koeln, 17', hash }
    }),
]
const named = (by: string) => fixtures.find((one) => one.by.startsWith(by)) as Fixture
const refused = { valid: false, needsRehash: false }
const ours = /^\$argon2id\$v=19\$m=64,t=1,p=1\$/

const works: unknown[] = []
const hasher = new PasswordHasher({
  ...{ memoryKiB: 64, passes: 1, parallelism: 1, concurrency: 2, maxWaitMs: 600_000 },
  clock: systemClock,
  argon2: (work) => {
    works.push({ ...work, salt: work.salt.byteLength, message: undefined })
    return nativeArgon2(work)
  },
})
afterAll(() => hasher.close())

/** What one password check asked of argon2. */
async function worksOf(check: () => Promise<unknown>): Promise<readonly unknown[]> {
  works.length = 0
  await check()
  return works.splice(0)
}

it('there are fixtures of every algorithm and of each program', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(30)
  const kinds = new Set(fixtures.map(({ hash }) => parseForeignHash(hash)?.algorithm))
  expect(kinds).toEqual(new Set(['bcrypt', 'scrypt', 'pbkdf2', 'argon2']))
})

describe.each(fixtures)('a hash of $by', ({ hash, password }) => {
  it('verifies with its password alone, asks for a rehash, and is upgraded by it', async () => {
    const isCut = password.length > 72
    expect(hasher.judge(hash)).toBe('usable')
    expect(await hasher.verify(hash, password)).toEqual({ valid: true, needsRehash: !isCut })
    for (const wrong of [password.toUpperCase(), password.slice(0, -1).slice(0, 71), '', 'x']) {
      expect(await hasher.verify(hash, wrong)).toEqual(refused)
    }
    const upgraded = await hasher.hash(password)
    expect(upgraded).toMatch(ours)
    expect(await hasher.verify(upgraded, password)).toEqual({ valid: true, needsRehash: false })
  })

  it('is not met by a tag that differs in one bit', async () => {
    const last = hash.length - (hash.endsWith('=') ? 4 : 2)
    const other = hash[last] === 'a' ? 'b' : 'a'
    const changed = hash.slice(0, last) + other + hash.slice(last + 1)
    expect(await hasher.verify(changed, password)).toEqual(refused)
  })
})

describe('bcrypt reads 72 bytes', () => {
  const { hash, password } = named('bcrypt over 72 bytes')

  it('so what follows does not count, as where the hash was made, and is not made to count', async () => {
    const other = `${password.slice(0, 72)} something else`
    for (const typed of [password, other, password.slice(0, 72)]) {
      expect((await hasher.verify(hash, typed)).valid).toBe(true)
    }
    expect((await hasher.verify(hash, password)).needsRehash).toBe(false)
    expect((await hasher.verify(hash, other)).needsRehash).toBe(false)
    expect((await hasher.verify(hash, password.slice(0, 72))).needsRehash).toBe(true)
    expect(await hasher.verify(hash, password.slice(0, 71))).toEqual(refused)
  })

  it('and goes round: a NUL and the same again is another password', async () => {
    const short = named('bcrypt 2y, cost 4')
    const again = `${short.password}\0${short.password}`
    expect(await hasher.verify(short.hash, again)).toEqual(refused)
    expect(await hasher.verify(short.hash, `${short.password}\0`)).toEqual(refused)
  })

  it('and unused bits of a salt or tag hold nothing', async () => {
    const { hash, password } = named('bcrypt 2a')
    const used = '.Oeu'.indexOf(hash[28] ?? '')
    const dirty = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'[used * 16 + 5]
    const changed = hash.slice(0, 28) + dirty + hash.slice(29)
    expect(changed).not.toBe(hash)
    expect((await hasher.verify(changed, password)).valid).toBe(true)
  })
})

describe('a cost beyond the bound', () => {
  const bcryptTail = 'P2wYV2RlnaW1mN.PNRI4MeuZQJAtKwMDYYWZKFSOlVVev2PR/fmdK'
  const salt = 'c29tZXNhbHRzb21lc2FsdA'
  const tag = 'RdescudvJCsgt3ub+b2dWRWJTmaaJObGwHRiwVt0AXM'
  const hex = 'ab'.repeat(64)
  it.each([
    `$2b$15$${bcryptTail}`,
    `$2b$31$${bcryptTail}`,
    `$2b$03$${bcryptTail}`,
    `$scrypt$ln=19,r=8,p=1$${salt}$${tag}`,
    `$scrypt$ln=14,r=8,p=32$${salt}$${tag}`,
    `$scrypt$ln=63,r=1,p=1$${salt}$${tag}`,
    `$scrypt$ln=1,r=999,p=1$${salt}$${tag}`,
    `$scrypt$ln=1,r=0,p=1$${salt}$${tag}`,
    `scrypt:32769:8:1$abcd$${hex}`,
    `scrypt:65536:1:1$abcd$${hex}`,
    `$scrypt$ln=17,r=1,p=1$${salt}$${tag}`,
    `scrypt:99999999:8:1$abcd$${hex}`,
    `pbkdf2:sha256:2000001$abcd$${hex.slice(0, 64)}`,
    `pbkdf2:sha1:1000000$abcd$${hex}`,
    `pbkdf2:sha256:0$abcd$${hex}`,
    `pbkdf2_sha256$999999999$abcd$${tag}=`,
    Buffer.concat([Buffer.from('01000000017fffffff00000010', 'hex'), Buffer.alloc(48, 7)]).toString(
      'base64',
    ),
    `$argon2i$v=19$m=262145,t=1,p=1$${salt}$${tag}`,
    `$argon2i$v=19$m=262144,t=9,p=1$${salt}$${tag}`,
    `$argon2d$v=19$m=4096,t=1,p=17$${salt}$${tag}`,
    `$argon2i$v=19$m=4096,t=0,p=1$${salt}$${tag}`,
    `$argon2i$v=19$m=8,t=1,p=2$${salt}$${tag}`,
  ])('is refused at import and never paid: %s', async (stored) => {
    const usual = await worksOf(() => hasher.verifyDummy('x'))
    expect(hasher.judge(stored)).toBe('too_costly')
    expect(await worksOf(() => hasher.verify(stored, 'x'))).toEqual(usual)
    expect(await hasher.verify(stored, 'x')).toEqual(refused)
  })

  it('is refused at import for argon2id of today too', () => {
    expect(hasher.judge(`$argon2id$v=19$m=262144,t=16,p=1$${salt}$${tag}`)).toBe('too_costly')
    expect(hasher.judge(`$argon2id$v=19$m=19456,t=2,p=1$${salt}$${tag}`)).toBe('usable')
    expect(hasher.judge(`$argon2id$v=19$m=64,t=1,p=1,keyid=gone$${salt}$${tag}`)).toBe('unknown')
  })

  it('that the library refuses for itself is not valid, after the work of a hash of today', async () => {
    const usual = await worksOf(() => hasher.verifyDummy('x'))
    const strange = new PasswordHasher({
      ...{ memoryKiB: 64, passes: 1, parallelism: 1, concurrency: 2, maxWaitMs: 600_000 },
      clock: systemClock,
      argon2: (work) => {
        works.push({ ...work, salt: work.salt.byteLength, message: undefined })
        return 'variant' in work ? Promise.reject(new Error('refused')) : nativeArgon2(work)
      },
    })
    const stored = `$argon2i$v=19$m=4096,t=1,p=1$${salt}$${tag}`
    const found: unknown[] = []
    const done = await worksOf(async () => found.push(await strange.verify(stored, 'x')))
    expect(found).toEqual([refused])
    expect(done.slice(-1)).toEqual(usual)
    await strange.close()
  })

  it('at the bound is paid', () => {
    const payable = (text: string) => {
      const hash = parseForeignHash(text)
      return hash !== undefined && isPayableForeign(hash)
    }
    expect(payable(`$2b$14$${bcryptTail}`)).toBe(true)
    expect(payable(`scrypt:32768:1:1$abcd$${hex}`)).toBe(true)
    expect(payable(`$scrypt$ln=18,r=8,p=1$${salt}$${tag}`)).toBe(true)
    expect(payable(`pbkdf2:sha256:2000000$abcd$${hex.slice(0, 64)}`)).toBe(true)
    expect(payable(`$argon2i$v=19$m=262144,t=8,p=1$${salt}$${tag}`)).toBe(true)
  })
})

describe('what is no hash', () => {
  const { hash: bcrypt } = named('bcrypt 2b')
  const { hash: betterAuth } = named('scrypt (Better Auth)')
  const { hash: aspNet } = named('ASP.NET Identity 3, SHA-256')
  it.each([
    ['a crypt of 1980', '$1$abcdefgh$ABCDEFGHIJKLMNOPQRSTUV'],
    ['SHA-512 crypt', `$6$saltsalt$${'A'.repeat(86)}`],
    ['the broken bcrypt of 2011', bcrypt.replace('$2b$', '$2x$')],
    ['bcrypt of one digit', bcrypt.replace('$08$', '$8$')],
    ['half a bcrypt', bcrypt.slice(0, -1)],
    ['a line end', `${bcrypt}\n`],
    ['a name before it', `ada:${bcrypt}`],
    ['half of Better Auth', betterAuth.slice(0, -1)],
    ['MD5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a short tag', 'pbkdf2:sha256:1000$abcd$abcdef'],
    ['an unknown function', 'pbkdf2:md5:1000$abcd$abcdefabcdefabcdefabcdefabcdefab'],
    ['ASP.NET with a salt beyond its end', aspNet.replace('AAAAE', 'AAA/E')],
    ['ASP.NET cut short', aspNet.slice(0, 24)],
    ['plain text', 'password'],
    ['nothing', ''],
  ])('%s is not valid, after the work of a hash of today', async (_, stored) => {
    const usual = await worksOf(() => hasher.verifyDummy('x'))
    expect(hasher.judge(stored)).toBe('unknown')
    expect(await worksOf(() => hasher.verify(stored, 'x'))).toEqual(usual)
  })

  it('is told apart in linear time and without a throw, whatever it holds', () => {
    const pieces = ['$', ':', ',', '=', '2b', 'scrypt', 'pbkdf2', 'sha256', 'ln', '08', 'AQAAAA']
    const text = fc.oneof(
      fc.array(fc.constantFrom(...pieces, bcrypt, betterAuth, 'ab', '\0', '\ud800'), {
        maxLength: 20,
      }),
      fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }),
    )
    fc.assert(
      fc.property(text, (parts) => {
        const hash = parseForeignHash(parts.join(''))
        if (hash) expect(hash.tag.byteLength).toBeGreaterThanOrEqual(16)
      }),
      { numRuns: 2_000 },
    )
    for (const start of ['$2b$10$', '$scrypt$ln=1,r=1,p=1$', 'AQAAAA', 'pbkdf2_sha256$1$']) {
      expect(parseForeignHash(start + 'A'.repeat(1_000_000))).toBeUndefined()
    }
  })

  it('is what a changed hash mostly is, and a changed hash never costs more than the bound', async () => {
    const changed = fc
      .tuple(fc.constantFrom(...fixtures), fc.nat(), fc.string({ minLength: 1, maxLength: 2 }))
      .map(([{ hash }, at, text]) => {
        const place = at % hash.length
        return hash.slice(0, place) + text + hash.slice(place + 1)
      })
    fc.assert(
      fc.property(changed, (text) => {
        const hash = parseForeignHash(text)
        if (hasher.judge(text) !== 'usable' || !hash) return
        expect(isPayableForeign(hash)).toBe(true)
        if (hash.algorithm === 'scrypt') expect(128 * hash.n * hash.r).toBeLessThanOrEqual(2 ** 28)
        if (hash.algorithm === 'bcrypt') expect(hash.cost).toBeLessThanOrEqual(14)
      }),
      { numRuns: 2_000 },
    )
  })
})

it('a foreign hash waits in the same queue', async () => {
  let finish = () => {}
  const blocked = new Promise<Uint8Array>((resolve) => {
    finish = () => resolve(new Uint8Array(32))
  })
  const options = { memoryKiB: 64, passes: 1, parallelism: 1, clock: systemClock }
  const busy = new PasswordHasher({
    ...{ ...options, concurrency: 1, maxWaitMs: 60 },
    argon2: () => blocked,
  })
  const running = [busy.verifyDummy('a'), busy.verifyDummy('b')]
  const { hash, password } = named('PBKDF2 SHA-1 (Django)')
  const full = { code: 'password_queue_full', status: 503 }
  await expect(busy.verify(hash, password)).rejects.toMatchObject(full)
  finish()
  await Promise.all(running)
})
