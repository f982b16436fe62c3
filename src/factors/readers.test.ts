import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import jsqr from 'jsqr'
import { generateURI } from 'otplib'
import { describe, expect, it } from 'vitest'
import { decodeBase32, encodeBase32 } from './base32.ts'
import { manualEntry, otpauthUrl } from './otpauth.ts'
import { qrDataUrl, qrSvg } from './qr.ts'
import { hashRecoveryCode, newRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'

const megabyte = 1_048_576
const anyText = fc.string({ unit: 'binary', maxLength: 300 })

describe('Base32', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('is that of RFC 4648 section 10 without padding: %j', (text, letters) => {
    expect(encodeBase32(Buffer.from(text))).toBe(letters)
    expect(Buffer.from(decodeBase32(letters) ?? 'x').toString()).toBe(text)
    const padded = letters.padEnd(Math.ceil(letters.length / 8) * 8, '=')
    expect(Buffer.from(decodeBase32(padded) ?? 'x').toString()).toBe(text)
  })

  it('gives back any bytes, in small letters and in groups too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const grouped = manualEntry(bytes).toLowerCase()
        expect(decodeBase32(grouped)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('whose last letter holds more bits than whole bytes need is read as apps read it', () => {
    expect(decodeBase32('MZ')).toEqual(decodeBase32('MY'))
  })

  it.each([
    ...['M', 'MZX', 'MZXW6Y', '0189', 'MZXQ=A', 'ＭＹ', 'MıMY', 'MſMY', 'MY\0', 'MY\n', 'M\u00a0Y'],
  ])('refuses %j', (text) => expect(decodeBase32(text)).toBeUndefined())

  it.each(['A', '=', ' ', 'ß'])('refuses a megabyte of %j', (letter) => {
    expect(decodeBase32(letter.repeat(257))).toBeUndefined()
    expect(decodeBase32(letter.repeat(megabyte))).toBeUndefined()
  })

  it('reads whatever it is given without a throw', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeBase32(text)?.length ?? 0).toBeLessThanOrEqual(160)
      }),
    )
  })
})

describe('recovery codes', () => {
  const codes = newRecoveryCodes({ bytes: randomBytes })

  it('are ten, all different, readable and of 50 bits', () => {
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
    }
  })

  it('favour no letter', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte)
    const all = newRecoveryCodes({
      bytes: (length) => Uint8Array.from(bytes.splice(0, length)),
    }).join('')
    const counts = Map.groupBy(all.replaceAll('-', ''), (letter) => letter)
    const [most, least] = [...counts.values()].map(({ length }) => length).sort((a, b) => b - a)
    expect(counts.size).toBe(32)
    expect((most ?? 0) - (least ?? 0)).toBeLessThanOrEqual(1)
  })

  it('that collide are drawn again', () => {
    let draws = 0
    const bytes = (length: number) => new Uint8Array(length).fill(Math.floor(draws++ / 2))
    expect(new Set(newRecoveryCodes({ bytes })).size).toBe(10)
    expect(draws).toBeGreaterThan(10)
  })

  it.each([
    ['ABCDE-01234', 'ABCDE01234'],
    ['abcde01234', 'ABCDE01234'],
    [' abcde 01234 ', 'ABCDE01234'],
    ['OoIiL-lVWXY', '001111VWXY'],
    ['a-b-c-d-e-0-1-2-3-4', 'ABCDE01234'],
  ])('typed as %j are %s', (typed, code) => expect(readRecoveryCode(typed)).toBe(code))

  it.each([
    ...['', 'ABCDE', 'ABCDE-0123', 'ABCDE-012345', 'ABCDE-0123U', 'ABCDE_01234', '123456'],
    ...['ABCDE-0123４', 'ＡBCDE-01234', 'ABCDE-0123ı', 'ABCDE-0123ſ', 'ABCDE-0123\u212a'],
    ...['ABCDE-01234\0', 'ABCDE\n01234', 'ABCDE\u00a001234', `ABCDE-01234${' '.repeat(60)}`],
  ])('are not %j', (typed) => expect(readRecoveryCode(typed)).toBeUndefined())

  it.each(['A', '-', ' ', 'ß'])('are not a megabyte of %j', (letter) => {
    expect(readRecoveryCode(letter.repeat(megabyte))).toBeUndefined()
  })

  it('are read without a throw, whatever is typed, and read the same again', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const code = readRecoveryCode(typed)
        if (code !== undefined) expect(readRecoveryCode(code)).toBe(code)
      }),
    )
  })

  it('of a set are all read as themselves', () => {
    for (const code of codes) expect(readRecoveryCode(code)).toBe(code.replace('-', ''))
  })

  it('have another hash under another key and for another account', () => {
    const key = randomBytes(32)
    const hashes = [
      hashRecoveryCode(key, 'ada', 'ABCDE01234'),
      hashRecoveryCode(key, 'bob', 'ABCDE01234'),
      hashRecoveryCode(randomBytes(32), 'ada', 'ABCDE01234'),
      hashRecoveryCode(key, 'ada', 'ABCDE01235'),
    ]
    expect(new Set(hashes).size).toBe(4)
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/)
  })
})

describe('the address in a QR code', () => {
  const secret = randomBytes(20)

  it('is the one that otplib writes', () => {
    const [issuer, account] = ['O’Brien & Søn?', 'ada+1@example.com']
    const ours = new URL(otpauthUrl({ secret, issuer, account }))
    const theirs = new URL(generateURI({ secret: encodeBase32(secret), issuer, label: account }))
    expect(ours.pathname).toBe(theirs.pathname)
    for (const [name, value] of theirs.searchParams) expect(ours.searchParams.get(name)).toBe(value)
    expect(Object.fromEntries(ours.searchParams)).toMatchObject({
      ...{ algorithm: 'SHA1', digits: '6', period: '30' },
    })
  })

  it('has one colon in its label, whatever the names are', () => {
    const url = otpauthUrl({ secret, issuer: 'Shop: the best', account: 'a:b@example.com' })
    const label = decodeURIComponent(new URL(url).pathname).replace(/^\//, '')
    expect(label).toBe('Shop  the best:a b@example.com')
  })

  it('fits into a QR code for names of any length and script', () => {
    const name = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(name, name, (issuer, account) => {
        const url = otpauthUrl({ secret, issuer, account })
        expect(decodeURIComponent(url).isWellFormed()).toBe(true)
        expect(url.length).toBeLessThan(2_953)
      }),
      { numRuns: 30 },
    )
    const widest = '\u{fffd}'.repeat(300)
    expect(qrSvg(otpauthUrl({ secret, issuer: widest, account: widest }))).toContain('<path')
  })
})

describe('a QR code', () => {
  const text = otpauthUrl({ secret: randomBytes(20), issuer: 'Shop', account: 'ada@example.com' })
  const svg = qrSvg(text)

  it('is read by another program', () => {
    const account = `${'é'.repeat(60)}@example.com`
    const long = otpauthUrl({ secret: randomBytes(20), issuer: 'Søn', account })
    for (const address of [text, long]) {
      const { pixels, size } = draw(qrSvg(address))
      expect(jsqr.default(pixels, size, size)?.data).toBe(address)
    }
  })

  it('holds nothing that a strict Content-Security-Policy refuses, and no character of the text', () => {
    expect(svg).not.toMatch(/script|style|href|on\w+=|url\(|foreignObject|<image|<!|&/i)
    expect(svg.match(/<[a-z]+/g)).toEqual(['<svg', '<path', '<path'])
    expect(svg.replace(/ d="[MHVhvz0-9 -]+"/g, '')).not.toContain('otpauth')
  })

  it('as an address is the same picture', () => {
    const url = qrDataUrl(svg)
    expect(url).toMatch(/^data:image\/svg\+xml;base64,[A-Za-z0-9+/]+={0,2}$/)
    expect(Buffer.from(url.split(',')[1] ?? '', 'base64').toString()).toBe(svg)
  })
})

/** Draws the rectangles of the picture, four pixels a module, as RGBA. */
function draw(svg: string) {
  const modules = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1])
  const [, , black = ''] = svg.split(' d="')
  const size = modules * 4
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255)
  for (const [, x, y, width] of black.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * 4; row < Number(y) * 4 + 4; row++) {
      const from = (row * size + Number(x) * 4) * 4
      for (let at = from; at < from + Number(width) * 16; at++) if (at % 4 < 3) pixels[at] = 0
    }
  }
  return { pixels, size }
}
