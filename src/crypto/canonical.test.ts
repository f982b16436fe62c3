import { domainToUnicode } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalEmail, canonicalIdentifier, canonicalUsername } from './canonical.ts'

const formOf = (input: string) => {
  const email = canonicalEmail(input)
  return email.ok ? email.canonical : email.code
}

describe('an e-mail address', () => {
  it.each([
    'alice@example.com',
    'Alice@Example.COM',
    '  alice@example.com\t',
    '\u00a0alice@example.com\u3000',
    '\uff41lice@example.com',
    '\u{1d5ee}lice@example.com',
    'alice\uff20example\uff0ecom',
    'alice@example\u3002com',
    'alice@EX\u00c4MPLE.com'.replace('\u00c4', 'A'),
    'al\u24d8ce@example.com',
    'alice@exam\u00adple.com',
  ])('spelt %j is alice@example.com', (spelling) => {
    expect(formOf(spelling)).toBe('alice@example.com')
  })

  it('with a Kelvin sign or a long s is the ASCII one', () => {
    expect(formOf('mi\u212ae@example.com')).toBe('mike@example.com')
    expect(formOf('ro\u017fe@example.com')).toBe('rose@example.com')
    expect(formOf('mike@\u212aelvin.example')).toBe('mike@kelvin.example')
  })

  it('of one international domain is one, however it is written', () => {
    const forms = [
      'm\u00fcnchen.de',
      'M\u00dcNCHEN.DE',
      'mu\u0308nchen.de',
      'xn--mnchen-3ya.de',
      'XN--MNCHEN-3YA.de',
    ]
    for (const domain of forms) expect(formOf(`a@${domain}`)).toBe('a@xn--mnchen-3ya.de')
  })

  it.each([
    ['dotless i', 'm\u0131ke@example.com'],
    ['sharp s', 'stra\u00dfe@example.com'],
    ['Cyrillic a', '\u0430lice@example.com'],
    ['dotted capital I', '\u0130stanbul@example.com'],
    ['a zero-width space', 'ali\u200bce@example.com'],
    ['an emoji', '\u{1f600}@example.com'],
  ])('with %s before the @ is unsupported, never another account', (_, address) => {
    expect(canonicalEmail(address)).toEqual({ ok: false, code: 'email_unsupported' })
  })

  it('with a sharp s or dotless i in the domain is another domain', () => {
    expect(formOf('a@fa\u00df.de')).not.toBe('a@fass.de')
    expect(formOf('a@m\u0131ke.com')).not.toBe('a@mike.com')
  })

  it.each([
    '',
    ' ',
    '@',
    'alice',
    'alice@',
    '@example.com',
    'a@b@example.com',
    'a@x.com,b@y.com',
    'a@x.com, b@y.com',
    'a@x.com;b@y.com',
    'a@x.com b@y.com',
    'a@x.com\nBcc: b@y.com',
    'a\u0000@x.com',
    'a@x.com\u0000.y.com',
    'a\u2028@x.com',
    'Alice <alice@example.com>',
    '<alice@example.com>',
    'alice@example.com>',
    '"alice"@example.com',
    '"a@b"@example.com',
    'alice(comment)@example.com',
    'a lice@example.com',
    '.alice@example.com',
    'alice.@example.com',
    'al..ice@example.com',
    'alice@example',
    'alice@localhost',
    'alice@example.com.',
    'alice@.example.com',
    'alice@example..com',
    'alice@-example.com',
    'alice@example-.com',
    'alice@exam_ple.com',
    'alice@ex%61mple.com',
    'alice@ex\uff0561mple.com',
    'alice@example.com/path',
    'alice@example.com:25',
    'alice@example.com?x',
    'alice@example.com#x',
    'alice@example.com\\x',
    'alice@[127.0.0.1]',
    'alice@127.0.0.1',
    'alice@0x7f.1',
    'alice@1.0x7f',
    'alice@[::1]',
    'alice@xn--a.com',
    'alice@\u2100.com',
    'mailto:alice@@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(126)}com`,
    `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.com`,
    `a@example.com${' '.repeat(3_000)}`,
    'a@example.com\ud800',
    'a\ud800@example.com',
  ])('%j is invalid', (input) => {
    expect(canonicalEmail(input)).toEqual({ ok: false, code: 'email_invalid' })
  })

  it.each([
    "o'brien+tag@example.co.uk",
    'a@b.co',
    "!#$%&'*+/=?^_`{|}~-@example.com",
    `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(57)}.com`,
  ])('%j is valid and its own form', (input) => {
    expect(canonicalEmail(input)).toEqual({ ok: true, address: input, canonical: input })
  })

  it('is mailed as it was registered', () => {
    expect(canonicalEmail(' Alice.B@Example.com ')).toEqual({
      ok: true,
      address: 'Alice.B@Example.com',
      canonical: 'alice.b@example.com',
    })
  })

  it('is mailed to the mailbox that was compared, never to a look-alike', () => {
    const any = fc.tuple(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('', '\u212a', '\uff41'),
    )
    fc.assert(
      fc.property(any, fc.string({ unit: 'grapheme', maxLength: 12 }), ([a, b], domain) => {
        const email = canonicalEmail(`${a}${b}x@${domain}.com`)
        if (!email.ok) return
        expect(email.address).toMatch(/^[!-~]+@[!-~]+$/)
        expect(email.address.toLowerCase()).toBe(email.canonical)
      }),
    )
  })

  it('has one form: canonical of canonical is canonical, in ASCII and in Unicode', () => {
    const domain = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
      fc.string({
        unit: fc.constantFrom(...'ab\u00e4\u00df\u0131\u03c2\u0301\u200d\u4f60\uff21\u0130-.'),
        minLength: 1,
        maxLength: 8,
      }),
    )
    let accepted = 0
    fc.assert(
      fc.property(domain, (name) => {
        const email = canonicalEmail(`a@${name}.com`)
        if (!email.ok) return
        accepted++
        expect(formOf(email.canonical)).toBe(email.canonical)
        expect(formOf(email.address)).toBe(email.canonical)
        expect(formOf(email.canonical.toUpperCase())).toBe(email.canonical)
        const unicode = domainToUnicode(email.canonical.slice(2))
        expect(formOf(`a@${unicode}`)).toBe(email.canonical)
      }),
      { numRuns: 3_000 },
    )
    expect(accepted).toBeGreaterThan(300)
  })
})

describe('a user name', () => {
  it.each([
    'alice_1',
    'Alice_1',
    'ALICE_1',
    ' alice_1',
    'alice_1\u00a0',
    '\uff21lice_1',
    'alice\uff3f1',
    '\u{1d5ee}lice_1',
  ])('spelt %j is alice_1', (spelling) => {
    expect(canonicalUsername(spelling)).toMatchObject({ ok: true, canonical: 'alice_1' })
  })

  it('keeps the case it was given in', () => {
    expect(canonicalUsername(' Bob-X ')).toEqual({
      ok: true,
      username: 'Bob-X',
      canonical: 'bob-x',
    })
  })

  it.each([
    '',
    'ab',
    'a'.repeat(31),
    'a b c',
    'a.bc',
    'a@bc',
    'a:bc',
    'm\u0131ke',
    'stra\u00dfe',
    '\u0430lice',
    'ali\u200bce',
    'abc\u0000',
    'abc\ud800',
    `abc${' '.repeat(3_000)}`,
  ])('%j is invalid', (input) => {
    expect(canonicalUsername(input)).toEqual({ ok: false, code: 'username_invalid' })
  })
})

describe('an identifier', () => {
  it('with an @ is an address, else a user name', () => {
    expect(canonicalIdentifier(' Alice@Example.com')).toEqual({
      kind: 'email',
      canonical: 'alice@example.com',
    })
    expect(canonicalIdentifier('Alice')).toEqual({ kind: 'username', canonical: 'alice' })
    expect(canonicalIdentifier('alice\uff20example.com').kind).toBe('email')
  })

  it('that is nobody\u2019s still has one bounded bucket for its spellings', () => {
    const bucket = canonicalIdentifier('x')
    expect(bucket).toMatchObject({
      kind: 'none',
      canonical: expect.stringMatching(/^none:[\w-]{43}$/),
    })
    for (const twin of ['X', ' x ', '\uff38']) expect(canonicalIdentifier(twin)).toEqual(bucket)
    expect(canonicalIdentifier('y')).not.toEqual(bucket)
  })

  it('is read from any text: bounded, never throwing, never another\u2019s bucket', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const found = canonicalIdentifier(text)
        expect(found.canonical.length).toBeLessThanOrEqual(254)
        expect(found.canonical.includes('@')).toBe(found.kind === 'email')
        expect(found.canonical.includes(':') && found.kind !== 'email').toBe(found.kind === 'none')
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    'a'.repeat(100_000),
    '@'.repeat(100_000),
    'a@'.repeat(50_000),
    'a.'.repeat(50_000),
    '\u0301'.repeat(100_000),
    '\ufdfa'.repeat(100_000),
    '\ud800',
  ])('of any length is read at once (case %#)', (text) => {
    expect(canonicalIdentifier(text).kind).toBe('none')
  })

  it('that is nobody\u2019s reads the same as its canonical form, never as an account', () => {
    const { canonical } = canonicalIdentifier('no such name!')
    expect(canonicalUsername(canonical).ok).toBe(false)
    expect(canonicalEmail(canonical).ok).toBe(false)
  })
})
