import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { decryptGcm, encryptGcm } from './aes-gcm.ts'
import { readJws, verifySignature } from './jws.ts'
import {
  importPublicJwk,
  namedSecretKey,
  type VerificationKey,
  verificationKey,
} from './jwt-keys.ts'
import { hkdfSha256, hmacSha256 } from './mac.ts'

interface Vectors<Group> {
  readonly testGroups: readonly Group[]
}
interface Case {
  readonly tcId: number
  readonly comment: string
  readonly result: 'valid' | 'invalid'
}

function load<Group>(name: string): readonly Group[] {
  const url = new URL(`../../test/vectors/wycheproof/${name}_test.json`, import.meta.url)
  return (JSON.parse(readFileSync(url, 'utf8')) as Vectors<Group>).testGroups
}

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const title = ({ tcId, comment, result }: Case) => `${tcId} ${comment} is ${result}`

interface GcmCase extends Case {
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
}

describe('AES-256-GCM agrees with Wycheproof', () => {
  const groups = load<{ keySize: number; ivSize: number; tests: GcmCase[] }>('aes_gcm')
  const inputOf = (test: GcmCase) => ({
    key: createSecretKey(bytes(test.key)),
    nonce: bytes(test.iv),
    associated: bytes(test.aad),
  })
  const ours = groups.filter((group) => group.keySize === 256 && group.ivSize === 96)
  const others = groups.filter((group) => !ours.includes(group))

  it.each(ours.flatMap((group) => group.tests).map((test) => [title(test), test] as const))(
    '%s',
    (_, test) => {
      const sealed = bytes(test.ct + test.tag)
      const opened = decryptGcm(inputOf(test), sealed)
      expect(opened?.toString('hex')).toBe(test.result === 'valid' ? test.msg : undefined)
      const again = encryptGcm(inputOf(test), bytes(test.msg))
      expect(again.equals(sealed)).toBe(test.result === 'valid')
    },
  )

  it('takes no other size of key or nonce', () => {
    const tests = others.flatMap((group) => group.tests)
    expect(tests.length).toBeGreaterThan(200)
    for (const test of tests) {
      expect(() => encryptGcm(inputOf(test), bytes(test.msg))).toThrow(TypeError)
      expect(() => decryptGcm(inputOf(test), bytes(test.ct + test.tag))).toThrow(TypeError)
    }
  })

  it('accepts no shortened tag', () => {
    const [test] = ours.flatMap((group) => group.tests).filter(({ msg }) => msg.length === 32)
    if (!test) throw new Error('no case')
    for (let length = 0; length < 16; length++) {
      const cut = bytes(test.ct + test.tag.slice(0, 2 * length))
      expect(decryptGcm(inputOf(test), cut)).toBeUndefined()
      expect(decryptGcm(inputOf(test), bytes(test.tag.slice(0, 2 * length)))).toBeUndefined()
    }
  })
})

interface HkdfCase extends Case {
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly size: number
  readonly okm: string
}

describe('HKDF-SHA256 agrees with Wycheproof', () => {
  const tests = load<{ tests: HkdfCase[] }>('hkdf_sha256').flatMap((group) => group.tests)
  it.each(tests.map((test) => [title(test), test] as const))('%s', (_, test) => {
    const { ikm, salt, info, size: length } = test
    const derive = () =>
      hkdfSha256({ key: bytes(ikm), salt: bytes(salt), info: bytes(info), length })
    if (test.result === 'valid') expect(derive().toString('hex')).toBe(test.okm)
    else expect(derive).toThrow(RangeError)
  })
})

interface MacCase extends Case {
  readonly key: string
  readonly msg: string
  readonly tag: string
}

describe('HMAC-SHA256 agrees with Wycheproof', () => {
  const groups = load<{ tagSize: number; tests: MacCase[] }>('hmac_sha256')
  const cases = groups.flatMap(({ tagSize, tests }) =>
    tests.map((test) => [`${tagSize}: ${title(test)}`, tagSize, test] as const),
  )
  it.each(cases)('%s', (_, tagSize, test) => {
    const tag = hmacSha256(bytes(test.key), bytes(test.msg)).subarray(0, tagSize / 8)
    expect(tag.toString('hex') === test.tag).toBe(test.result === 'valid')
  })
})

interface JwkCase extends Case {
  readonly jws: string
}
interface JwkGroup {
  readonly comment: string
  readonly private?: { readonly keys: readonly JWK[] }
  readonly public?: { readonly keys: readonly JWK[] }
  readonly tests: readonly JwkCase[]
}

describe('JWS and JWK agree with Wycheproof where the algorithm is ours', () => {
  const groups = load<JwkGroup>('json_web_key')
  const keysOf = (group: JwkGroup) => group.public?.keys ?? group.private?.keys ?? []
  const isOct = (key: JWK) => key.kty === 'oct' && key.alg === 'HS256'
  /** Two keys of one id cannot meet in our key map; the duplicate group asks for just that. */
  const shared = groups.filter((group) => {
    const ids = keysOf(group).map((key) => key.kid)
    return keysOf(group).every(isOct) && new Set(ids).size === ids.length
  })
  const secretOf = (jwk: JWK): VerificationKey =>
    verificationKey(namedSecretKey(String(jwk.kid), Buffer.from(String(jwk.k), 'base64url')))

  function accepts(group: JwkGroup, { jws: token }: JwkCase): boolean {
    try {
      const keys = new Map(keysOf(group).map((jwk) => [jwk.kid, secretOf(jwk)]))
      const jws = readJws(token)
      const key = jws && keys.get(jws.kid)
      return key !== undefined && verifySignature(jws as NonNullable<typeof jws>, key)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      return false
    }
  }

  const cases = shared.flatMap((group) =>
    group.tests.map((test) => [`${group.comment}: ${title(test)}`, group, test] as const),
  )
  it.each(cases)('HS256 %s', (_, group, test) => {
    expect(accepts(group, test)).toBe(test.result === 'valid')
  })

  /** Our kid is the thumbprint; put it right, so that only the fault under test is left. */
  async function withThumbprint(jwk: JWK): Promise<Record<string, unknown>> {
    const { d: _, ...half } = jwk
    return { ...half, kid: await calculateJwkThumbprint(half).catch(() => String(jwk.kid)) }
  }

  it('a public key that Wycheproof calls sound is read', async () => {
    const mixed = groups.find((group) => group.comment === 'jws_mixedSymmetryKeyset')
    const sound = keysOf(mixed as JwkGroup).find((key) => key.kty === 'EC') as JWK
    expect(importPublicJwk(await withThumbprint(sound)).alg).toBe('ES256')
  })

  const broken = groups.filter((group) => keysOf(group).every((key) => !isOct(key)))
  it.each(broken.map((group) => [group.comment, group] as const))(
    'refuses keys of %s',
    async (_, group) => {
      for (const jwk of keysOf(group)) {
        const repaired = await withThumbprint(jwk)
        expect(() => importPublicJwk(repaired)).toThrow(TypeError)
      }
    },
  )
})
