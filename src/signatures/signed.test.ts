import { createSecretKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench } from '../../test/adapters/bench.ts'
import { baseUrl, type Listening } from '../../test/adapters/site.ts'
import { contentDigest } from './digest.ts'
import { type SignRequestOptions, signRequest } from './sign-request.ts'

const program = generateKeyPairSync('ed25519')
const second = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const secret = randomBytes(32)
const pem = (key: typeof program.publicKey) =>
  key.export({ format: 'pem', type: 'spki' }).toString()

const bench = openBench({
  stepUp: { within: '5m' },
  signatures: {
    keys: {
      program: { algorithm: 'ed25519', publicKey: pem(program.publicKey) },
      ec: { algorithm: 'ecdsa-p256-sha256', publicKey: pem(second.publicKey) },
      shared: { algorithm: 'hmac-sha256', secret: secret.toString('base64url') },
    },
  },
})

let site: Listening
let stop = async () => {}
beforeAll(async () => {
  const { security } = bench.kit
  const express = (await import('express')).default
  const { listen } = await import('../../test/adapters/site.ts')
  const app = security.protect(express())
  const answer = (
    request: { signature?: unknown; body?: unknown },
    response: { json(v: unknown): void },
  ) => response.json({ signature: request.signature, body: request.body })
  const program = { by: 'program' } as const
  app.get('/orders', security.authenticate, security.signed(program), answer)
  app.post('/orders', security.authenticate, security.signed(program), answer)
  app.post('/own', security.authenticate, security.signed({ by: 'session' }), answer)
  app.post('/partner', security.open(), security.signed({ by: ['ec'] }), answer)
  app.post(
    '/strict',
    security.open(),
    security.signed({ by: 'program', components: ['x-order'] }),
    answer,
  )
  app.post('/tagged', security.open(), security.signed({ by: 'program', tag: 'app' }), answer)
  site = await listen(app)
  stop = site.stop
})
afterAll(() => stop())

const options = (more: Partial<SignRequestOptions> = {}): SignRequestOptions => ({
  ...{ keyId: 'program', algorithm: 'ed25519', key: program.privateKey, clock: bench.kit.clock },
  ...more,
})

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** Signs a request, changes it as `tamper` says, and sends it. */
async function send(
  { body, headers, method = 'POST', path = '/orders' }: Sent,
  more: Partial<SignRequestOptions> = {},
  tamper: (sent: {
    path: string
    method: string
    body?: string
    headers: Headers
  }) => void = () => {},
) {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const signed = await signRequest(
    new Request(`${baseUrl}${path}`, {
      ...{ method, headers: { ...bench.user.bearer, ...type, ...headers } },
      ...(body === undefined ? {} : { body }),
    }),
    options(more),
  )
  const sent = {
    path,
    method,
    headers: new Headers(signed.headers),
    ...(body === undefined ? {} : { body }),
  }
  tamper(sent)
  const again = () =>
    site.fetch(sent.path, {
      ...{ method: sent.method, headers: Object.fromEntries(sent.headers) },
      ...(sent.body === undefined ? {} : { body: sent.body }),
    })
  return { ...(await again()), again }
}

const order = { body: '{"amount":1}' }
const ownOrder = { ...order, path: '/own' }
const codeOf = ({ json, status }: { json?: unknown; status: number }) =>
  `${status} ${(json as { code?: string } | undefined)?.code ?? 'ok'}`

describe('a signed request', () => {
  it('passes and says by which key, when and over what', async () => {
    const { json, status } = await send(order)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      body: { amount: 1 },
      signature: {
        keyId: 'program',
        kind: 'program',
        createdAt: Math.floor(bench.kit.clock.now() / 1_000) * 1_000,
        components: ['@method', '@target-uri', 'content-digest', 'content-type'],
      },
    })
  })

  it('may be made with each algorithm, and without a body', async () => {
    const hmac = { keyId: 'shared', algorithm: 'hmac-sha256' } as const
    const ec = { keyId: 'ec', algorithm: 'ecdsa-p256-sha256', key: second.privateKey } as const
    expect(codeOf(await send(order, { ...hmac, key: createSecretKey(secret) }))).toBe('200 ok')
    expect(codeOf(await send(order, ec))).toBe('200 ok')
    expect(codeOf(await send({ method: 'GET', path: '/orders?a=b' }))).toBe('200 ok')
  })

  it('counts once', async () => {
    const first = await send(order)
    expect(codeOf(first)).toBe('200 ok')
    expect(codeOf(await first.again())).toBe('401 signature_replayed')
    const race = await send({ method: 'GET' }, { keyId: 'nobody' })
    expect(codeOf(race)).toBe('401 signature_invalid')
  })

  it('of 50 copies at once one is taken', async () => {
    const signed = await signRequest(
      new Request(`${baseUrl}/orders`, { headers: bench.user.bearer }),
      options(),
    )
    const headers = Object.fromEntries(signed.headers)
    const all = await Promise.all(
      Array.from({ length: 50 }, () => site.fetch('/orders', { headers })),
    )
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('counts for five minutes by the clock of the server, and one minute before', async () => {
    const at = (ms: number) => ({ ...bench.kit.clock, now: () => bench.kit.clock.now() + ms })
    const when = async (ms: number) => codeOf(await send(order, { clock: at(ms) as never }))
    expect(await when(-299_000)).toBe('200 ok')
    expect(await when(-302_000)).toBe('401 signature_expired')
    expect(await when(60_000)).toBe('200 ok')
    expect(await when(62_000)).toBe('401 signature_expired')
  })

  type Tampering = Parameters<typeof send>[2]
  const changed: readonly (readonly [string, Tampering])[] = [
    [
      'its body',
      (sent) => {
        sent.body = '{"amount":2}'
      },
    ],
    [
      'its body and the digest',
      (sent) => {
        sent.body = '{"amount":2}'
        sent.headers.set('content-digest', contentDigest(Buffer.from(sent.body)))
      },
    ],
    [
      'its path',
      (sent) => {
        sent.path = '/orders/'
      },
    ],
    [
      'its query',
      (sent) => {
        sent.path = '/orders?admin=1'
      },
    ],
    [
      'its key',
      (sent) => {
        const input = sent.headers.get('signature-input') ?? ''
        sent.headers.set('signature-input', input.replace('"program"', '"ec"'))
      },
    ],
    [
      'how its body is read',
      (sent) => sent.headers.set('content-type', 'application/x-www-form-urlencoded'),
    ],
    ['its encoding', (sent) => sent.headers.set('content-encoding', 'identity')],
    [
      'its algorithm',
      (sent) => {
        const input = sent.headers.get('signature-input') ?? ''
        sent.headers.set('signature-input', input.replace('"ed25519"', '"hmac-sha256"'))
      },
    ],
    [
      'its nonce',
      (sent) => {
        const input = sent.headers.get('signature-input') ?? ''
        sent.headers.set('signature-input', input.replace(/nonce="./, 'nonce="!'))
      },
    ],
    [
      'what it covers',
      (sent) => {
        const input = sent.headers.get('signature-input') ?? ''
        sent.headers.set('signature-input', input.replace(' "content-digest"', ''))
      },
    ],
    [
      'its label',
      (sent) => {
        sent.headers.set(
          'signature',
          (sent.headers.get('signature') ?? '').replace('sig=', 'sig2='),
        )
      },
    ],
    [
      'its signature',
      (sent) => {
        sent.headers.set('signature', `sig=:${Buffer.alloc(64).toString('base64')}:`)
      },
    ],
    [
      'the number of its signatures',
      (sent) => {
        const twice = (name: string) => {
          const value = sent.headers.get(name) ?? ''
          sent.headers.set(name, `${value}, ${value.replace('sig=', 'b=')}`)
        }
        twice('signature-input')
        twice('signature')
      },
    ],
  ]
  it.each(changed)('that was changed in %s is refused', async (_what, tamper) => {
    expect(codeOf(await send(order, {}, tamper))).toBe('401 signature_invalid')
  })

  it('without a signature says what has to be signed', async () => {
    const { headers, json, status } = await site.fetch('/orders', {
      ...{ method: 'POST', body: '{}' },
      headers: { ...bench.user.bearer, 'content-type': 'application/json' },
    })
    expect([status, (json as { code: string }).code]).toEqual([401, 'signature_required'])
    const asked = new Headers(headers as never).get('accept-signature')
    expect(asked).toBe('sig=("@method" "@target-uri" "content-digest" "content-type");created')
  })

  it('is asked for after the guard: who is not signed in hears that', async () => {
    const forged = await send(order, {}, (sent) => sent.headers.set('authorization', 'Bearer x'))
    expect(codeOf(forged)).toBe('401 token_invalid')
  })

  it('has to cover the components and the tag that the route names', async () => {
    const strict = { ...order, path: '/strict' }
    const ordered = { ...strict, headers: { 'x-order': '1' } }
    const tagged = { ...order, path: '/tagged' }
    expect(codeOf(await send(strict))).toBe('401 signature_invalid')
    expect(codeOf(await send(ordered, { components: ['x-order'] }))).toBe('200 ok')
    expect(codeOf(await send(tagged))).toBe('401 signature_required')
    expect(codeOf(await send(tagged, { tag: 'other' }))).toBe('401 signature_required')
    expect(codeOf(await send(tagged, { tag: 'app' }))).toBe('200 ok')
  })

  it('is taken by the keys that its route names, and by no other program', async () => {
    const partner = { ...order, path: '/partner' }
    const ec = { keyId: 'ec', algorithm: 'ecdsa-p256-sha256', key: second.privateKey } as const
    const { json } = await send(partner, ec)
    expect(json).toMatchObject({ signature: { keyId: 'ec', kind: 'program' } })
    expect(codeOf(await send(partner))).toBe('401 signature_invalid')
  })

  it.each([
    { by: 'program', components: ['X Y'] },
    { by: 'program', components: ['@status'] },
    { by: 'program', tag: '"' },
    { by: [] },
    { by: ['nobody'] },
    { by: ['toString'] },
    { by: 'anybody' },
    {},
    undefined,
  ])('options that cannot be throw where the route is written: %o', (wrong) => {
    expect(() => bench.kit.security.signed(wrong as never)).toThrow(/signed\(/)
  })
})

describe('a key of a session', () => {
  async function register(bearer: object) {
    const pair = (await webcrypto.subtle.generateKey('Ed25519', false, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair
    const publicKey = await webcrypto.subtle.exportKey('jwk', pair.publicKey)
    const answer = await site.fetch('/auth/signing-keys', {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ publicKey }),
    })
    return { pair, ...answer, keyId: (answer.json as { keyId: string }).keyId }
  }

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
    const { status } = await site.fetch('/auth/signing-keys', {
      method: 'POST',
      headers: { ...bench.user.bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ publicKey }),
    })
    expect(status).toBe(400)
  })

  it('is taken after a fresh proof alone', async () => {
    await bench.kit.advance(6 * 60_000)
    const { json, status } = await register(bench.user.bearer)
    expect(status).toBe(401)
    expect(json).toMatchObject({ code: 'step_up_required' })
  })
})

describe('a signed request of before', () => {
  it('that was taken is refused for its age once its nonce is forgotten', async () => {
    const ordered = { ...order, path: '/strict', headers: { 'x-order': '1' } }
    const taken = await send(ordered, { components: ['x-order'] })
    expect(codeOf(taken)).toBe('200 ok')
    await bench.kit.advance(301_000 + 10 * 60_000)
    await bench.kit.security.parts.rooms.signatureNonces.sweep()
    expect(codeOf(await taken.again())).toBe('401 signature_expired')
  })
})
