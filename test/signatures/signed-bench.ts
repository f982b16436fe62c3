import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import type { Response as Answer, Request as Asked } from 'express'
import express from 'express'
import { afterAll, beforeAll } from 'vitest'
import { type SignRequestOptions, signRequest } from '../../src/signatures/index.ts'
import { openBench } from '../adapters/bench.ts'
import { baseUrl, type Listening, listen } from '../adapters/site.ts'

export const program = generateKeyPairSync('ed25519')
export const second = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const secret = randomBytes(32)
const pem = (key: typeof program.publicKey) =>
  key.export({ format: 'pem', type: 'spki' }).toString()

export const order = { body: '{"amount":1}' }
export const codeOf = ({ json, status }: { json?: unknown; status: number }) =>
  `${status} ${(json as { code?: string } | undefined)?.code ?? 'ok'}`

interface Sent {
  readonly path?: string
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** Changes a request after it was signed. */
export type Tampering = (sent: {
  path: string
  method: string
  body?: string
  headers: Headers
}) => void

/** What the tests of signed requests share: an app whose routes ask for signatures, and who signs. */
export function openSignedBench() {
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
  beforeAll(async () => {
    site = await openRoutes(bench.kit)
  })
  afterAll(() => site.stop())

  const options = (more: Partial<SignRequestOptions> = {}): SignRequestOptions => ({
    ...{ keyId: 'program', algorithm: 'ed25519', key: program.privateKey, clock: bench.kit.clock },
    ...more,
  })

  /** Signs a request, changes it as `tamper` says, and sends it. */
  async function send(
    { body, headers, method = 'POST', path = '/orders' }: Sent,
    more: Partial<SignRequestOptions> = {},
    tamper: Tampering = () => {},
  ) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const bytes = body === undefined ? {} : { body }
    const signed = await signRequest(
      new Request(`${baseUrl}${path}`, {
        ...{ method, headers: { ...bench.user.bearer, ...type, ...headers }, ...bytes },
      }),
      options(more),
    )
    const sent = { path, method, headers: new Headers(signed.headers), ...bytes }
    tamper(sent)
    const again = () =>
      site.fetch(sent.path, {
        ...{ method: sent.method, headers: Object.fromEntries(sent.headers) },
        ...(sent.body === undefined ? {} : { body: sent.body }),
      })
    return { ...(await again()), again }
  }

  const postKey = (bearer: object, publicKey: unknown) =>
    site.fetch('/auth/signing-keys', {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ publicKey }),
    })

  /** A key that is made for the session of `bearer`. */
  async function register(bearer: object) {
    const pair = (await webcrypto.subtle.generateKey('Ed25519', false, [
      'sign',
      'verify',
    ])) as webcrypto.CryptoKeyPair
    const answer = await postKey(bearer, await webcrypto.subtle.exportKey('jwk', pair.publicKey))
    return { pair, ...answer, keyId: (answer.json as { keyId: string }).keyId }
  }

  return {
    ...{ bench, options, postKey, register, send },
    get site() {
      return site
    },
  }
}

function openRoutes({ security }: ReturnType<typeof openBench>['kit']): Promise<Listening> {
  const app = security.protect(express())
  const answer = (request: Asked, response: Answer) =>
    void response.json({ signature: request.signature, body: request.body })
  const byProgram = security.signed({ by: 'program' })
  app.get('/orders', security.authenticate, byProgram, answer)
  app.post('/orders', security.authenticate, byProgram, answer)
  app.post('/own', security.authenticate, security.signed({ by: 'session' }), answer)
  app.post('/partner', security.open(), security.signed({ by: ['ec'] }), answer)
  const strict = security.signed({ by: 'program', components: ['x-order'] })
  app.post('/strict', security.open(), strict, answer)
  app.post('/tagged', security.open(), security.signed({ by: 'program', tag: 'app' }), answer)
  return listen(app)
}
