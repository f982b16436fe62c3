import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { baseUrl } from '../../test/adapters/site.ts'
import {
  codeOf,
  openSignedBench,
  order,
  second,
  secret,
  type Tampering,
} from '../../test/signatures/signed-bench.ts'
import { contentDigest } from './digest.ts'
import { signRequest } from './sign-request.ts'

const signing = openSignedBench()
const { bench, options, send } = signing

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

  it('that is refused is a line of the log with request, code and cause, and no secret', async () => {
    const told = () => bench.kit.log.filter(({ message }) => message.includes('signed request was'))
    bench.kit.log.length = 0
    const unknown = await send(order, { keyId: 'nobody' })
    const elsewhere = await send(order, {}, ({ headers }) =>
      headers.set('content-type', 'text/json'),
    )
    const { requestId } = unknown.json as { requestId: string }
    expect(told().map(({ fields }) => fields)).toMatchObject([
      { requestId, path: '/orders', refusal: 'signature_invalid', keyId: 'nobody' },
      { refusal: 'signature_invalid', keyId: 'program', expected: baseUrl },
    ])
    expect(told().map(({ fields }) => fields?.cause)).toEqual([
      expect.stringMatching(/^keyid names no key/),
      expect.stringMatching(/^the key has not signed this/),
    ])
    expect(codeOf(elsewhere)).toBe('401 signature_invalid')
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
      Array.from({ length: 50 }, () => signing.site.fetch('/orders', { headers })),
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
    const { headers, json, status } = await signing.site.fetch('/orders', {
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
