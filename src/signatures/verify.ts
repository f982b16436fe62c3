import type { RequestHeaders } from '../http/index.ts'
import { isDigestOf } from './digest.ts'
import { isSignedBy, type SignatureAlgorithm, type SignatureKey } from './keys.ts'
import { coveredNames, type SignedMessage, signatureBase } from './message.ts'
import {
  type Dictionary,
  type InnerList,
  isInnerList,
  readDictionary,
} from './structured-fields.ts'

/** How far the clock of a client may be ahead of ours. */
const skewSeconds = 60
const nonceShape = /^[\x21-\x7e]{16,200}$/

/** What a signature has to be. */
export interface SignatureRules {
  /** Covered beside method, target and, where there is one, the body: names in small letters. */
  readonly components: readonly string[]
  /** The application that the signature has to be for (parameter `tag`). */
  readonly tag: string | undefined
  readonly windowSeconds: number
}

/** A signature that was read and not yet believed. */
export interface UnverifiedSignature {
  readonly keyId: string
  readonly nonce: string
  /** Seconds since 1970. */
  readonly created: number
  readonly algorithm: string | undefined
  readonly covered: InnerList
  readonly signature: Buffer
}

/** What is wrong with a signature. For logs; the world hears the code alone. */
export type SignatureFault =
  | 'missing'
  | 'malformed'
  | 'incomplete'
  | 'digest'
  | 'key'
  | 'signature'
  | 'expired'
  | 'replayed'

export type ReadSignature =
  | { readonly ok: true; readonly read: UnverifiedSignature }
  | { readonly ok: false; readonly fault: SignatureFault }

/** Reads the one signature that a request has for `tag`. Two of them would be two answers. */
export function readSignature(
  message: SignedMessage,
  { tag }: Pick<SignatureRules, 'tag'>,
): ReadSignature {
  const fields = [field(message, 'signature-input'), field(message, 'signature')] as const
  if (fields[0] === undefined && fields[1] === undefined) return fail('missing')
  const [inputs, signatures] = [readDictionary(fields[0] ?? ''), readDictionary(fields[1] ?? '')]
  if (!inputs || !signatures || inputs.size !== signatures.size) return fail('malformed')
  const wanted = inputsFor(inputs, tag)
  if (wanted.length === 0) return fail('missing')
  const [label, covered] = wanted[0] ?? []
  if (wanted.length > 1 || label === undefined || !covered) return fail('malformed')
  const bytes = signatures.get(label)
  if (!bytes || isInnerList(bytes) || !Buffer.isBuffer(bytes.value)) return fail('malformed')
  const read = readParameters(covered, bytes.value)
  return read ? { ok: true, read } : fail('malformed')
}

function inputsFor(inputs: Dictionary, tag: string | undefined): [string, InnerList | undefined][] {
  return [...inputs]
    .map(([label, member]): [string, InnerList | undefined] => [
      label,
      isInnerList(member) ? member : undefined,
    ])
    .filter(([, covered]) => tag === undefined || covered?.parameters.get('tag') === tag)
}

function readParameters(covered: InnerList, signature: Buffer): UnverifiedSignature | undefined {
  const { parameters } = covered
  const [created, expires] = [parameters.get('created'), parameters.get('expires')]
  const [keyId, nonce] = [parameters.get('keyid'), parameters.get('nonce')]
  const algorithm = parameters.get('alg')
  if (typeof created !== 'number' || typeof keyId !== 'string') return undefined
  if (typeof nonce !== 'string' || !nonceShape.test(nonce)) return undefined
  if (expires !== undefined && (typeof expires !== 'number' || expires < created)) return undefined
  if (algorithm !== undefined && typeof algorithm !== 'string') return undefined
  return { keyId, nonce, created, algorithm, covered, signature }
}

/** What is wrong with it apart from the key: its time, what it covers, the digest of the body. */
export function findFault(
  message: SignedMessage & { readonly body: Uint8Array; readonly hasBody: boolean },
  { covered, created }: UnverifiedSignature,
  { nowMs, rules }: { readonly nowMs: number; readonly rules: SignatureRules },
): SignatureFault | undefined {
  const now = Math.floor(nowMs / 1_000)
  const expires = covered.parameters.get('expires')
  if (created > now + skewSeconds || created + rules.windowSeconds < now) return 'expired'
  if (typeof expires === 'number' && expires < now) return 'expired'
  const names = coveredNames(covered)
  const withBody = message.hasBody || message.body.byteLength > 0
  const ofBody = withBody ? bodyComponents(message.headers) : []
  const needed = ['@method', ...rules.components, ...ofBody]
  if (!coversTarget(names) || !needed.every((name) => names.has(name))) return 'incomplete'
  const digest = field(message, 'content-digest')
  const digestCounts = names.has('content-digest')
  return digestCounts && !isDigestOf(digest, message.body) ? 'digest' : undefined
}

/**
 * What a signature covers where there is a body: its bytes, and how they are read. A body without a type
 * cannot be signed, or whoever is in between could give it one.
 */
export function bodyComponents(headers: RequestHeaders): readonly string[] {
  const encoded = headers['content-encoding'] !== undefined
  return ['content-digest', 'content-type', ...(encoded ? ['content-encoding'] : [])]
}

function coversTarget(names: ReadonlySet<string>): boolean {
  if (names.has('@target-uri')) return true
  if (!names.has('@authority')) return false
  return names.has('@request-target') || (names.has('@path') && names.has('@query'))
}

/** Whether `key` signed this request, by the key's own algorithm. */
export function isAuthentic(
  message: SignedMessage,
  read: UnverifiedSignature,
  key: SignatureKey,
): boolean {
  const named: SignatureAlgorithm | string = read.algorithm ?? key.algorithm
  if (named !== key.algorithm) return false
  const base = signatureBase(message, read.covered)
  return base !== undefined && isSignedBy(key, Buffer.from(base, 'latin1'), read.signature)
}

function field({ headers }: SignedMessage, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' || value === undefined ? value : value.join(', ')
}

function fail(fault: SignatureFault): ReadSignature {
  return { ok: false, fault }
}
