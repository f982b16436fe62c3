import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { codeOf, openSignedBench, order } from '../../test/signatures/signed-bench.ts'

const { bench, postKey, register, send } = openSignedBench()
const ownOrder = { ...order, path: '/own' }

describe('a key of a session', () => {
  it('signs the requests of that session, and of no other', async () => {
    const { json, keyId, pair, status } = await register(bench.user.bearer)
    expect([status, json]).toEqual([201, { keyId, algorithm: 'ed25519' }])
    const own = { keyId, key: pair.privateKey }
    const mine = await send(ownOrder, own)
    expect(mine.json).toMatchObject({ signature: { keyId, kind: 'session' } })
    const stolen = await send({ ...ownOrder, headers: bench.manager.bearer }, own)
    expect(codeOf(stolen)).toBe('401 signature_invalid')
  })

  it('signs nothing on a route for programs, nor the key of a program on a route for people', async () => {
    const { keyId, pair } = await register(bench.user.bearer)
    const own = { keyId, key: pair.privateKey }
    expect(codeOf(await send(order, own))).toBe('401 signature_invalid')
    expect(codeOf(await send({ ...order, path: '/partner' }, own))).toBe('401 signature_invalid')
    expect(codeOf(await send(ownOrder))).toBe('401 signature_invalid')
  })

  it('is one: a new one ends that of before', async () => {
    const before = await register(bench.user.bearer)
    const after = await register(bench.user.bearer)
    const by = ({ keyId, pair }: typeof before) => send(ownOrder, { keyId, key: pair.privateKey })
    expect(codeOf(await by(before))).toBe('401 signature_invalid')
    expect(codeOf(await by(after))).toBe('200 ok')
  })

  it.each([
    ['a private key', { ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) }],
    ['a key of another kind', { kty: 'OKP', crv: 'P-256', x: 'a'.repeat(43) }],
    ['a point off its curve', { kty: 'EC', crv: 'P-256', x: 'a'.repeat(43), y: 'a'.repeat(43) }],
  ])('is never %s', async (_what, publicKey) => {
    expect((await postKey(bench.user.bearer, publicKey)).status).toBe(400)
  })

  it('is taken after a fresh proof alone', async () => {
    await bench.kit.advance(6 * 60_000)
    const { json, status } = await register(bench.user.bearer)
    expect(status).toBe(401)
    expect(json).toMatchObject({ code: 'step_up_required' })
  })
})
