import { type Clock, type Random, systemClock, systemRandom } from '../ports/index.ts'
import { contentDigest } from './digest.ts'
import { type SignedMessage, signatureBase } from './message.ts'
import { type SigningAlgorithm, type SigningKey, signerOf } from './signing-key.ts'
import { type BareItem, type InnerList, writeInnerList } from './structured-fields.ts'
import { bodyComponents } from './verify.ts'

/** With what, and over what, a request is signed. */
export interface SignRequestOptions {
  readonly keyId: string
  readonly algorithm: SigningAlgorithm
  /** The private key as PEM text, as a KeyObject or CryptoKey; of `hmac-sha256` the secret as one of these two. */
  readonly key: SigningKey
  /** Header fields covered beside method, target and body. */
  readonly components?: readonly string[]
  readonly tag?: string
  readonly clock?: Clock
  readonly random?: Random
}

/**
 * A copy of `request` that is signed (RFC 9421), for `fetch`: over its method, its whole address, its body
 * by `Content-Digest` (RFC 9530) with its type and encoding, and `components`. Each copy counts once. The body is held in memory.
 * Throws `signature_key_unusable` for a key that does not fit the algorithm, TypeError for a component that is
 * not there.
 */
export async function signRequest(request: Request, options: SignRequestOptions): Promise<Request> {
  const sign = signerOf(options.algorithm, options.key)
  const headers = new Headers(request.headers)
  const body = request.body ? Buffer.from(await request.clone().arrayBuffer()) : undefined
  if (body) {
    headers.set('content-digest', contentDigest(body))
    if (!headers.has('content-type')) headers.set('content-type', 'application/octet-stream')
  }
  const covered = coveredBy(options, body ? bodyComponents(Object.fromEntries(headers)) : [])
  const base = signatureBase(messageOf(request, headers), covered)
  if (base === undefined) throw new TypeError('A component that should be signed is not there.')
  const signature = await sign(Buffer.from(base, 'latin1'))
  headers.set('signature-input', `sig=${writeInnerList(covered)}`)
  headers.set('signature', `sig=:${signature.toString('base64')}:`)
  return new Request(request, body ? { headers, body } : { headers })
}

function coveredBy(options: SignRequestOptions, ofBody: readonly string[]): InnerList {
  const { algorithm, clock = systemClock, components = [], keyId, random = systemRandom } = options
  const names = ['@method', '@target-uri', ...ofBody, ...components]
  const parameters = new Map<string, BareItem>([
    ['created', Math.floor(clock.now() / 1_000)],
    ['nonce', Buffer.from(random.bytes(18)).toString('base64url')],
    ['keyid', keyId],
    ['alg', algorithm],
    ...(options.tag === undefined ? [] : ([['tag', options.tag]] as const)),
  ])
  const items = [...new Set(names)].map((value) => ({ value, parameters: new Map() }))
  return { items, parameters }
}

function messageOf({ method, url }: Request, headers: Headers): SignedMessage {
  const { host, pathname, protocol, search } = new URL(url)
  return {
    method,
    target: pathname + search,
    scheme: protocol.slice(0, -1),
    authority: host,
    headers: Object.fromEntries(headers),
  }
}
