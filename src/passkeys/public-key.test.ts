import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isUsableKey } from './public-key.ts'

describe('a key', () => {
  const partsOf = (key: KeyObject) => {
    const jwk = key.export({ format: 'jwk' })
    return (name: string) => Uint8Array.from(Buffer.from(String(jwk[name]), 'base64url'))
  }
  const point = partsOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
  const es256 = (change: [number, unknown][] = []) =>
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point('x')],
      [-3, point('y')],
      ...change,
    ])

  it('is taken when it can verify', () => {
    expect(isUsableKey(es256())).toBe(true)
    const okp = partsOf(generateKeyPairSync('ed25519').publicKey)
    expect(
      isUsableKey(
        new Map<number, unknown>([
          [1, 1],
          [3, -8],
          [-1, 6],
          [-2, okp('x')],
        ]),
      ),
    ).toBe(true)
  })

  it.each<[string, [number, unknown]]>([
    ['off its curve', [-3, point('x')]],
    ['half a point', [-3, undefined]],
    ['short of a byte', [-2, point('x').subarray(1)]],
    ['text', [-2, 'x']],
    ['of another curve', [-1, 2]],
    ['of another kind', [1, 3]],
    ['of another algorithm', [3, -257]],
    ['of an algorithm in words', [3, 'ES256']],
  ])('that is %s is refused', (_what, change) => {
    expect(isUsableKey(es256([change]))).toBe(false)
  })

  it.each([512, 1_024])('of RSA with %i bits is refused', (modulusLength) => {
    const rsa = partsOf(generateKeyPairSync('rsa', { modulusLength }).publicKey)
    const key = new Map<number, unknown>([
      [1, 3],
      [3, -257],
      [-1, rsa('n')],
      [-2, rsa('e')],
    ])
    expect(isUsableKey(key)).toBe(false)
  })
})
