import { createSecretKey, generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  codeOf,
  openSignedBench,
  order,
  program,
  second,
  secret,
} from '../../test/signatures/signed-bench.ts'
import { type SignRequestOptions, signRequest } from './sign-request.ts'

const { send } = openSignedBench()

const pkcs8 = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }).toString()
const { subtle } = webcrypto
const bytesOf = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' })
const p256 = { name: 'ECDSA', namedCurve: 'P-256' }

describe('a request is signed with', () => {
  const ec = { keyId: 'ec', algorithm: 'ecdsa-p256-sha256' } as const
  const shared = { keyId: 'shared', algorithm: 'hmac-sha256' } as const
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const ways: readonly (readonly [string, () => Promise<Partial<SignRequestOptions>>])[] = [
    ['a private key as PEM text', async () => ({ key: pkcs8(program.privateKey) })],
    ['one of P-256', async () => ({ ...ec, key: pkcs8(second.privateKey) })],
    [
      'one of P-256 as OpenSSL writes it',
      async () => ({
        ...{ ...ec, key: second.privateKey.export({ format: 'pem', type: 'sec1' }).toString() },
      }),
    ],
    ['a KeyObject', async () => ({ ...ec, key: second.privateKey })],
    ['a shared secret', async () => ({ ...shared, key: createSecretKey(secret) })],
    [
      'a CryptoKey that cannot be exported',
      async () => ({
        ...ec,
        key: await subtle.importKey('pkcs8', bytesOf(second.privateKey), p256, false, ['sign']),
      }),
    ],
    [
      'a shared secret of WebCrypto',
      async () => ({
        ...shared,
        key: await subtle.importKey('raw', secret, hmac, false, ['sign']),
      }),
    ],
  ]
  it.each(ways)('%s', async (_what, made) => {
    expect(codeOf(await send(order, await made()))).toBe('200 ok')
  })
})

describe('a key that cannot sign is told as what it is', () => {
  const pem = pkcs8(program.privateKey)
  const spki = program.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const locked = { cipher: 'aes-256-cbc', passphrase: 'x', format: 'pem', type: 'pkcs8' } as const
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const made = async (name: object, usages: readonly string[], half: 'privateKey' | 'publicKey') =>
    ((await subtle.generateKey(name as never, true, usages as never)) as never)[half] as never
  const raw = (bytes: Uint8Array, hash: string) =>
    subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['sign'])
  type Bad = readonly [what: string, key: () => unknown, told: string, algorithm?: string]
  const bad: readonly Bad[] = [
    ['the public half as PEM', () => spki, 'public key'],
    ['the public half', () => program.publicKey, 'public key'],
    ['PEM behind a passphrase', () => program.privateKey.export(locked), 'passphrase'],
    ['text that is no PEM', () => 'hunter2-hunter2', 'no private key in PEM'],
    ['PEM that is cut', () => pem.slice(0, 80), 'no private key in PEM'],
    ['PEM of another algorithm', () => pem, 'P-256', 'ecdsa-p256-sha256'],
    ['a key on another curve', () => p384, 'P-256', 'ecdsa-p256-sha256'],
    ['a secret as text', () => secret.toString('base64url'), 'createSecretKey', 'hmac-sha256'],
    ['a short secret', () => createSecretKey(Buffer.alloc(16, 1)), '32 bytes', 'hmac-sha256'],
    ['a short one of WebCrypto', () => raw(secret.subarray(0, 16), 'SHA-256'), '32', 'hmac-sha256'],
    ['one for another hash', () => raw(secret, 'SHA-512'), 'SHA-256', 'hmac-sha256'],
    ['nothing', () => undefined, 'PEM text, a KeyObject or a CryptoKey'],
    ['a JWK', () => program.privateKey.export({ format: 'jwk' }), 'PEM text'],
    ['an algorithm that signs nothing here', () => pem, 'ed25519, ', 'rsa-pss-sha512'],
    ['the public half of WebCrypto', () => made(p256, ['sign', 'verify'], 'publicKey'), 'public'],
    [
      'one of WebCrypto on another curve',
      () => made({ ...p256, namedCurve: 'P-384' }, ['sign', 'verify'], 'privateKey'),
      'P-256',
      'ecdsa-p256-sha256',
    ],
    [
      'one of WebCrypto for something else',
      () => made({ name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits'], 'privateKey'),
      "usage 'sign'",
    ],
  ]
  it.each(bad)('%s', async (...row: unknown[]) => {
    const [, key, told, algorithm = 'ed25519'] = row as unknown as Bad
    const options = { keyId: 'program', algorithm, key: await key() } as SignRequestOptions
    const error = await signRequest(new Request('https://x.example/'), options).catch((e) => e)
    expect(error).toMatchObject({ code: 'signature_key_unusable', status: 500 })
    expect(error.message).toContain(told)
    expect(`${error.message}${error.detail}`).not.toMatch(/hunter2|BEGIN|MC4C/)
  })
})
