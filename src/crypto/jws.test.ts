import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readJws, signCompact, verifySignature } from './jws.ts'
import { generateSigningKey, namedSecretKey, type SigningKey, verificationKey } from './jwt-keys.ts'

const base64url = (text: string) => Buffer.from(text).toString('base64url')
function signed(key: SigningKey, header: string) {
  const text = `${base64url(header)}.${base64url('{}')}`
  const jws = readJws(`${text}.${signCompact(text, key)}`)
  if (!jws) throw new Error('not readable')
  return jws
}

describe('a compact JWS', () => {
  const keys = [
    generateSigningKey('EdDSA'),
    generateSigningKey('ES256'),
    namedSecretKey('hs', randomBytes(32)),
  ]

  it.each(keys)('of $alg is verified by its own key under its own algorithm alone', (key) => {
    const jws = signed(key, JSON.stringify({ alg: key.alg, kid: key.kid }))
    for (const other of keys) {
      expect(verifySignature(jws, verificationKey(other))).toBe(other === key)
    }
    for (const alg of ['EdDSA', 'ES256', 'HS256', 'none']) {
      expect(verifySignature({ ...jws, alg }, verificationKey(key))).toBe(alg === key.alg)
    }
  })

  it('is read the same however its header is laid out', () => {
    const [key] = keys as [SigningKey]
    const { kid } = key
    const usual = signed(key, `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`)
    const spaced = signed(key, `{ "kid":"${kid}", "typ":"\\u0061t+jwt", "alg":"EdDSA" }`)
    for (const jws of [usual, spaced])
      expect(jws).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt', kid })
  })

  it.each([
    '{"alg":"EdDSA","typ":"at+jwt","kid":"k"}x',
    '{"alg":"EdDSA","typ":"at+jwt","kid":"k","kid":"k"}',
    '{"alg":"EdDSA","typ":"at+jwt","kid":"k","crit":[]}',
    '{"alg":"EdDSA","typ":"at+jwt","kid":""k"}',
    '{"alg":"EdDSA","typ":"at+jwt","kid":"k\n"}',
  ])('is not read with the header %j', (header) => {
    expect(readJws(`${base64url(header)}.${base64url('{}')}.AAAA`)).toBeUndefined()
  })
})
