import { describe, expect, it } from 'vitest'
import { check, claims, headerOf, signClaims, signers, signRaw } from '../../test/jwt-kit.ts'
import { signJwt } from './jwt.ts'
import { publicJwk } from './jwt-keys.ts'

describe('a header', () => {
  const key = signers.EdDSA
  const payload = JSON.stringify(claims)
  const withHeader = (changes: object) =>
    check(signRaw(key, JSON.stringify(headerOf(key, changes)), payload))

  it.each([
    ['jku', 'https://evil.example/jwks.json'],
    ['x5u', 'https://evil.example/chain.pem'],
    ['x5c', ['MIIB']],
    ['x5t', 'abc'],
    ['x5t#S256', 'abc'],
    ['jwk', { ...publicJwk(key) }],
    ['crit', []],
    ['crit', ['exp']],
    ['b64', false],
    ['zip', 'DEF'],
    ['cty', 'JWT'],
    ['epk', {}],
    ['p2c', 1_000_000],
    ['nonce', 'x'],
  ])('with %s is refused', (name, value) => {
    expect(withHeader({ [name]: value })).toBe('malformed')
  })

  it.each([undefined, 'JWT', 'rt+jwt', 'AT+JWT', 'application/at+jwt', 'at+jwt ', ''])(
    'of type %j is not an access token',
    (typ) => {
      expect(withHeader({ typ })).toBe('claims')
    },
  )

  it.each([
    { typ: 1 },
    { typ: null },
    { typ: ['at+jwt'] },
    { kid: 1 },
    { kid: undefined },
    { alg: null },
  ])('whose members are %j is malformed', (changes) => {
    expect(withHeader(changes)).toBe('malformed')
  })

  it('with a member written twice is malformed, in either order', () => {
    const [alg, kid] = [`"alg":"EdDSA"`, `"kid":"${key.kid}"`]
    for (const extra of ['"alg":"none"', '"kid":"x"', '"typ":"JWT"', '"\\u0061lg":"EdDSA"']) {
      const text = `${alg},${kid},"typ":"at+jwt"`
      expect(check(signRaw(key, `{${text}}`, payload))).toBe('accepted')
      expect(check(signRaw(key, `{${text},${extra}}`, payload))).toBe('malformed')
      expect(check(signRaw(key, `{${extra},${text}}`, payload))).toBe('malformed')
    }
  })
})

describe('an encoding', () => {
  const token = signJwt(signers.EdDSA, { typ: 'at+jwt', claims })
  const [header = '', payload = '', signature = ''] = token.split('.')

  it.each([
    ['empty', ''],
    ['dots alone', '..'],
    ['one segment', header],
    ['two segments', `${header}.${payload}`],
    ['no signature', `${header}.${payload}.`],
    ['four segments', `${token}.${signature}`],
    ['a JWE of five', `${token}.a.b`],
    ['a leading space', ` ${token}`],
    ['a trailing line end', `${token}\n`],
    ['a scheme', `Bearer ${token}`],
    ['padding', `${token}==`],
    ['standard base64', `${header}.${payload}.+${signature.slice(1)}`],
    ['a byte above ASCII', `${token.slice(0, -1)}\u0141`],
    ['JSON serialisation', JSON.stringify({ protected: header, payload, signature })],
  ])('of %s is refused', (_, text) => {
    expect(['malformed', 'signature']).toContain(check(text))
  })

  it('with unused bits set is malformed', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(signature.at(-1) ?? '')
    for (let bits = 1; bits < 16; bits++) {
      const twin = `${header}.${payload}.${signature.slice(0, -1)}${alphabet[last + bits]}`
      expect(Buffer.from(twin.split('.')[2] ?? '', 'base64url')).toEqual(
        Buffer.from(signature, 'base64url'),
      )
      expect(check(twin)).toBe('malformed')
    }
  })

  it('longer than 8 KB is neither read nor written', () => {
    const long = { ...claims, pad: 'x'.repeat(6_100) }
    expect(() => signJwt(signers.EdDSA, { typ: 'at+jwt', claims: long })).toThrow(RangeError)
    expect(check(signClaims(long))).toBe('malformed')
    expect(check(signClaims({ pad: 'x'.repeat(5_600) }))).toBe('accepted')
  })
})
