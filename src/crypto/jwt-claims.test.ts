import { describe, expect, it } from 'vitest'
import {
  audience,
  check,
  claims,
  headerOf,
  now,
  signClaims,
  signers,
  signRaw,
} from '../../test/jwt-kit.ts'
import { generateSigningKey } from './jwt-keys.ts'

describe('claims', () => {
  const key = signers.EdDSA
  const withPayload = (payload: string | Uint8Array) =>
    check(signRaw(key, JSON.stringify(headerOf(key)), payload))

  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['nothing', ''],
    ['no JSON', '{"iss":'],
    ['a byte order mark', `\ufeff${JSON.stringify(claims)}`],
    ['a duplicate', `${JSON.stringify(claims).slice(0, -1)},"exp":${now + 9_999}}`],
    ['an escaped duplicate', `${JSON.stringify(claims).slice(0, -1)},"\\u0073ub":"admin"}`],
    ['a nested duplicate', `${JSON.stringify(claims).slice(0, -1)},"x":{"a":1,"a":1}}`],
    ['__proto__', `${JSON.stringify(claims).slice(0, -1)},"__proto__":{}}`],
    ['NaN', `${JSON.stringify(claims).slice(0, -1)},"nbf":NaN}`],
  ])('that are %s are malformed', (_, payload) => {
    expect(withPayload(payload)).toBe('malformed')
  })

  it('that are not UTF-8 are malformed', () => {
    const bytes = Buffer.from(JSON.stringify({ ...claims, x: '\u00ff' }), 'latin1')
    expect(withPayload(bytes)).toBe('malformed')
  })

  it.each(['iss', 'aud', 'exp', 'sub', 'jti'])('without %s are refused', (name) => {
    expect(check(signClaims({ [name]: undefined }))).toBe('claims')
    expect(check(signClaims({ [name]: null }))).toBe('claims')
  })

  it('that are required are the token\u2019s own', () => {
    expect(check(signClaims({}), { requiredClaims: ['toString'] })).toBe('claims')
    expect(check(signClaims({ sid: null }), { requiredClaims: ['sid'] })).toBe('claims')
    expect(check(signClaims({ sid: 's' }), { requiredClaims: ['sid'] })).toBe('accepted')
  })

  it.each<unknown>([
    'https://auth.example.com/',
    'HTTPS://auth.example.com',
    '',
    ['https://auth.example.com'],
    1,
  ])('of issuer %j are refused', (iss) => {
    expect(check(signClaims({ iss }))).toBe('claims')
  })

  it.each<unknown>([audience, [audience], ['other', audience]])(
    'for audience %j are accepted',
    (aud) => {
      expect(check(signClaims({ aud }))).toBe('accepted')
    },
  )

  it.each<unknown>([
    'other',
    `${audience}/`,
    `${audience} other`,
    [],
    ['other'],
    [[audience]],
    [audience, 1],
    [audience, null],
    { 0: audience, length: 1 },
    { [audience]: true },
    true,
    '*',
  ])('for audience %j are refused', (aud) => {
    expect(check(signClaims({ aud }))).toBe('claims')
  })

  const oddInstants = [
    '0.5',
    `${now + 900}.5`,
    '-1',
    '1e400',
    '1e20',
    '8640000000001',
    '"1"',
    'true',
    '[]',
    '{}',
  ]
  it.each(oddInstants)('whose instant is %s are refused', (text) => {
    for (const name of ['exp', 'nbf', 'iat']) {
      const { [name as 'exp']: _, ...others } = claims
      const payload = `${JSON.stringify(others).slice(0, -1)},"${name}":${text}}`
      expect(withPayload(payload)).toBe('claims')
    }
  })

  it.each(['sub', 'jti'])('whose %s is no text are refused', (name) => {
    expect(check(signClaims({ [name]: 1 }))).toBe('claims')
  })

  it('expire at exp plus leeway, to the second', () => {
    expect(check(signClaims({ exp: now - 59 }))).toBe('accepted')
    expect(check(signClaims({ exp: now - 60 }))).toBe('expired')
    expect(check(signClaims({ exp: now + 1 }), { leewaySeconds: 0 })).toBe('accepted')
    expect(check(signClaims({ exp: now }), { leewaySeconds: 0 })).toBe('expired')
  })

  it.each(['nbf', 'iat'])('begin at %s less leeway, to the second', (name) => {
    expect(check(signClaims({ [name]: now + 60 }))).toBe('accepted')
    expect(check(signClaims({ [name]: now + 61 }))).toBe('not_yet')
  })

  it('are not looked at before the signature', () => {
    const forger = generateSigningKey('EdDSA')
    const header = JSON.stringify(headerOf(signers.EdDSA))
    expect(check(signRaw(forger, header, '{"exp":1}'))).toBe('signature')
    expect(check(signRaw(forger, header, 'no json'))).toBe('signature')
  })
})
