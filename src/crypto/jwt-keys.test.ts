import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { calculateJwkThumbprint, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { signCompact } from './jws.ts'
import {
  exportPrivateKey,
  generateSigningKey,
  importPrivateKey,
  importPublicJwk,
  namedSecretKey,
  publicJwk,
  verificationKey,
} from './jwt-keys.ts'

describe.each(['EdDSA', 'ES256'] as const)('a signing key for %s', (alg) => {
  const key = generateSigningKey(alg)

  it('is named by its RFC 7638 thumbprint', async () => {
    expect(key.kid).toBe(await calculateJwkThumbprint({ ...publicJwk(key) }))
    expect(verificationKey(key).kid).toBe(key.kid)
  })

  it('survives export and import', () => {
    const again = importPrivateKey(alg, new Uint8Array(exportPrivateKey(key)))
    expect(again.kid).toBe(key.kid)
    expect(publicJwk(again)).toEqual(publicJwk(key))
    expect(publicJwk(verificationKey(again))).toEqual(publicJwk(key))
  })

  it('publishes a JWK that others read and that holds nothing private', async () => {
    const jwk = publicJwk(key)
    expect(jwk).toMatchObject({ alg, use: 'sig', kid: key.kid })
    expect(Object.keys(jwk)).not.toContain('d')
    expect(await importJWK({ ...jwk })).toMatchObject({ type: 'public' })
    expect(importPublicJwk({ ...jwk }).kid).toBe(key.kid)
  })

  it('is not read as a key for the other algorithm', () => {
    const other = alg === 'EdDSA' ? 'ES256' : 'EdDSA'
    expect(() => importPrivateKey(other, exportPrivateKey(key))).toThrow(TypeError)
  })

  it('shows no private part when it is printed', () => {
    const pkcs8 = Buffer.from(exportPrivateKey(key))
    const printed = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(printed).not.toContain(pkcs8.subarray(-16).toString(encoding).slice(0, 20))
    }
  })

  it.each([
    ['another kid', { kid: 'mine' }],
    ['no kid', { kid: undefined }],
    ['another algorithm', { alg: alg === 'EdDSA' ? 'ES256' : 'EdDSA' }],
    ['algorithm none', { alg: 'none' }],
    ['HS256', { alg: 'HS256' }],
    ['use enc', { use: 'enc' }],
    ['no use', { use: undefined }],
    ['a private member', { d: 'AAAA' }],
    ['another curve', { crv: alg === 'EdDSA' ? 'Ed448' : 'P-384' }],
    ['another type', { kty: alg === 'EdDSA' ? 'EC' : 'OKP' }],
    ['a padded coordinate', { x: `${publicJwk(key).x}=` }],
    ['an empty coordinate', { x: '' }],
    ['a coordinate that is no text', { x: 7 }],
  ])('is refused as a public JWK with %s', (_, change) => {
    expect(() => importPublicJwk({ ...publicJwk(key), ...change })).toThrow(TypeError)
  })
})

describe('importing a private key', () => {
  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['Ed448', generateKeyPairSync('ed448').privateKey],
    ['X25519', generateKeyPairSync('x25519').privateKey],
  ])('refuses %s for both algorithms', (_, key) => {
    const der = key.export({ format: 'der', type: 'pkcs8' })
    expect(() => importPrivateKey('EdDSA', der)).toThrow(TypeError)
    expect(() => importPrivateKey('ES256', der)).toThrow(TypeError)
  })

  it('refuses noise', () => {
    expect(() => importPrivateKey('EdDSA', randomBytes(48))).toThrow(TypeError)
    expect(() => importPrivateKey('ES256', new Uint8Array())).toThrow(TypeError)
  })
})

describe('a named secret key', () => {
  const key = namedSecretKey('hs-2026', randomBytes(32))

  it('keeps its name and never becomes public', () => {
    expect(key.kid).toBe('hs-2026')
    expect(() => publicJwk(key)).toThrow(TypeError)
    expect(() => publicJwk(verificationKey(key))).toThrow(TypeError)
    expect(() => exportPrivateKey(key)).toThrow(TypeError)
    expect(JSON.stringify(key)).toBe('{"kind":"signing","alg":"HS256","kid":"hs-2026","key":{}}')
  })

  it('is a copy that later writes to the buffer do not reach', () => {
    const secret = randomBytes(32)
    const copied = namedSecretKey('copied', secret)
    const before = signCompact('x', copied)
    secret.fill(0)
    expect(signCompact('x', copied)).toBe(before)
  })

  it.each([0, 16, 31])('of %i bytes is refused', (length) => {
    expect(() => namedSecretKey('short', randomBytes(length))).toThrow(TypeError)
  })

  it.each(['', 'a b', '../a', 'é', 'a'.repeat(65)])('is not called %j', (name) => {
    expect(() => namedSecretKey(name, randomBytes(32))).toThrow(TypeError)
  })
})
