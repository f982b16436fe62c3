import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { contentDigest, isDigestOf } from './digest.ts'
import { importSignatureKey, isSignedBy, type SignatureAlgorithm, signatureKey } from './keys.ts'
import { type SignedMessage, signatureBase } from './message.ts'
import { isInnerList, readDictionary } from './structured-fields.ts'

interface Vectors {
  readonly keys: Readonly<Record<string, { readonly pem?: string[]; readonly base64?: string }>>
  readonly messages: Readonly<Record<string, string>>
  readonly cases: readonly {
    readonly title: string
    readonly alg: SignatureAlgorithm
    readonly message: string
    readonly signature_base: string
    readonly signature_input: string
    readonly signature: string
  }[]
}

const file = new URL('../../test/vectors/http-signatures/rfc9421-appendix-b.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors

const keyNames: Readonly<Record<SignatureAlgorithm, string>> = {
  'rsa-pss-sha512': 'example-key-rsa-pss-test',
  'ecdsa-p256-sha256': 'example-key-ecc-p256',
  'hmac-sha256': 'example-shared-secret',
  ed25519: 'example-key-ed25519',
}

function keyFor(algorithm: SignatureAlgorithm) {
  const { base64, pem } = vectors.keys[keyNames[algorithm]] ?? {}
  return base64
    ? importSignatureKey(algorithm, Buffer.from(base64, 'base64'))
    : importSignatureKey(algorithm, pem?.[0] ?? '')
}

function messageOf(text: string): SignedMessage & { readonly body: Buffer } {
  const [head = '', body = ''] = text.split('\n\n')
  const [line = '', ...fields] = head.split('\n')
  const [method = '', target = ''] = line.split(' ')
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
    }),
  )
  return {
    ...{ method, target, headers, scheme: 'https', authority: headers.host ?? '' },
    body: Buffer.from(body),
  }
}

function bytesOf(field: string): Buffer {
  const [member] = readDictionary(field)?.values() ?? []
  const value = member && !isInnerList(member) ? member.value : undefined
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

describe('RFC 9421 appendix B', () => {
  it.each(vectors.cases)('verifies: $title', (vector) => {
    const key = keyFor(vector.alg)
    const signature = bytesOf(vector.signature)
    const base = Buffer.from(vector.signature_base)
    expect(key && isSignedBy(key, base, signature)).toBe(true)
    const changed = Buffer.from(base)
    changed[0] = 0x20
    expect(key && isSignedBy(key, changed, signature)).toBe(false)
    expect(key && isSignedBy(key, base, signature.subarray(1))).toBe(false)
  })

  const requests = vectors.cases.filter(({ message }) => message === 'test-request')
  it.each(requests)('writes the same text: $title', (vector) => {
    const message = messageOf(vectors.messages[vector.message] ?? '')
    const [covered] = readDictionary(vector.signature_input)?.values() ?? []
    if (!covered || !isInnerList(covered)) throw new Error('the input is an inner list')
    expect(signatureBase(message, covered)).toBe(vector.signature_base)
  })

  it('five of the cases are of requests, so that nothing is passed over', () => {
    expect(requests.length).toBeGreaterThanOrEqual(5)
  })
})

describe('RFC 9530', () => {
  it('the digest of the test request is that of its body, and of no other', () => {
    const { body, headers } = messageOf(vectors.messages['test-request'] ?? '')
    const field = String(headers['content-digest'])
    expect(isDigestOf(field, body)).toBe(true)
    expect(isDigestOf(field, Buffer.from('{"hello": "World"}'))).toBe(false)
    expect(isDigestOf(contentDigest(body), body)).toBe(true)
  })

  it.each([
    ['nothing', undefined],
    ['an empty field', ''],
    ['a digest that proves nothing', 'md5=:AAAA:'],
    ['a digest cut short', 'sha-256=:AAAA:'],
    ['a text in place of bytes', 'sha-256="AAAA"'],
    ['a list', 'sha-256=(:AAAA:)'],
  ])('%s is the digest of no body', (_what, field) => {
    expect(isDigestOf(field, Buffer.from('x'))).toBe(false)
  })

  it('a right digest beside a wrong one is wrong', () => {
    const body = Buffer.from('x')
    expect(isDigestOf(`${contentDigest(body)}, sha-512=:AAAA:`, body)).toBe(false)
    expect(isDigestOf(`${contentDigest(body)}, md5=:AAAA:`, body)).toBe(true)
  })
})

describe('a key', () => {
  it('is taken for the one algorithm that it is made for', () => {
    const algorithms = Object.keys(keyNames) as SignatureAlgorithm[]
    for (const one of algorithms) {
      for (const other of algorithms) {
        const key = keyFor(one)?.key
        expect(key && signatureKey(other, key) !== undefined, `${one} as ${other}`).toBe(
          one === other,
        )
      }
    }
  })

  it('too weak for its algorithm is none', () => {
    expect(importSignatureKey('hmac-sha256', Buffer.alloc(31))).toBeUndefined()
    expect(importSignatureKey('ed25519', 'no key')).toBeUndefined()
    const pem = vectors.keys['example-key-rsa-test']?.pem?.[0] ?? ''
    expect(createPublicKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2_048)
  })
})
