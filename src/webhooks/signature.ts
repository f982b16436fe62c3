import { createHmac } from 'node:crypto'
import { equalBytes } from '../crypto/index.ts'
import { type RequestHeaders, singleHeader } from '../http/index.ts'
import { isTimed, type WebhookScheme } from './scheme.ts'

/** A delivery as it came: headers with lower-case names, and the body as it was sent. */
export interface WebhookRequest {
  readonly headers: RequestHeaders
  readonly rawBody: Uint8Array
}

/** What the headers of a verified delivery say. */
export interface SignedHead {
  readonly id?: string
  readonly topic?: string
  /** Epoch milliseconds at which it was signed, where that is signed too. */
  readonly signedAt?: number
}

export type SignatureVerdict =
  | { readonly ok: true; readonly head: SignedHead }
  | {
      readonly ok: false
      readonly reason: 'invalid' | 'expired'
      /** There was nothing to verify. */
      readonly isUnreadable?: true
    }

export interface VerifyOptions {
  readonly scheme: WebhookScheme
  readonly keys: readonly Uint8Array[]
  /** Epoch milliseconds. */
  readonly now: number
  /** How far the instant of the signature may lie from `now`, either way. */
  readonly windowMs: number
}

const longestHeader = 4_096
const mostSignatures = 16
const idShape = /^[!-~]{1,200}$/
/** A dot would blur where a signed id ends. */
const signedIdShape = /^[!-\-/-~]{1,200}$/
const topicShape = /^[\w./:-]{1,128}$/
const secondsShape = /^\d{1,12}$/
const unreadable = Object.freeze({ ok: false, reason: 'invalid', isUnreadable: true } as const)
const invalid = Object.freeze({ ok: false, reason: 'invalid' } as const)

/**
 * Verifies the HMAC of a delivery over its very bytes. Every key is tried against every signature, in
 * constant time and without an early end, so the time tells neither. A delivery that was signed too long
 * ago, or ahead of time, is `expired`, which only who holds the secret is told. Never throws.
 */
export function verifySignature(request: WebhookRequest, options: VerifyOptions): SignatureVerdict {
  const { keys, now, scheme, windowMs } = options
  const sent = readSignatures(request.headers, scheme)
  if (!sent) return unreadable
  const content = contentOf(request.rawBody, scheme, sent)
  let genuine = false
  for (const key of keys) {
    const expected = createHmac(scheme.algorithm, key).update(content).digest()
    for (const signature of sent.signatures) {
      genuine = equalBytes(signature, expected) || genuine
    }
  }
  if (!genuine) return invalid
  const signedAt = sent.timestamp === undefined ? undefined : Number(sent.timestamp) * 1_000
  if (signedAt !== undefined && Math.abs(now - signedAt) > windowMs) {
    return { ok: false, reason: 'expired' }
  }
  return { ok: true, head: headOf(request.headers, scheme, { ...sent, signedAt }) }
}

/** The bytes that are signed: texts of the template with the body, which is never re-encoded. */
export function contentOf(
  body: Uint8Array,
  { content }: WebhookScheme,
  sent: { readonly id?: string | undefined; readonly timestamp?: string | undefined },
): Uint8Array {
  const parts = content.split(/(\{(?:id|timestamp|body)\})/).map((part) => {
    if (part === '{body}') return body
    if (part === '{id}') return Buffer.from(sent.id ?? '', 'latin1')
    return Buffer.from(part === '{timestamp}' ? (sent.timestamp ?? '') : part, 'utf8')
  })
  return Buffer.concat(parts)
}

interface Sent {
  readonly signatures: readonly Uint8Array[]
  readonly id: string | undefined
  /** As written, since that text is signed. */
  readonly timestamp: string | undefined
}

/** Undefined where a header that the signature needs is missing, doubled or has no right form. */
function readSignatures(headers: RequestHeaders, scheme: WebhookScheme): Sent | undefined {
  const header = singleHeader(headers, scheme.signature.name)
  if (header === undefined || header.length > longestHeader) return undefined
  const words = wordsOf(header, scheme)
  if (words.length > mostSignatures) return undefined
  const signatures = words.flatMap((word) => decoded(word, scheme) ?? [])
  const timestamp = timestampOf(headers, header, scheme)
  const id = scheme.id === undefined ? undefined : singleHeader(headers, scheme.id)
  const needsId = scheme.content.includes('{id}')
  if (signatures.length === 0 || (isTimed(scheme) && timestamp === undefined)) return undefined
  if (needsId && (id === undefined || !signedIdShape.test(id))) return undefined
  return { signatures, timestamp, id: id !== undefined && idShape.test(id) ? id : undefined }
}

function wordsOf(header: string, { signature }: WebhookScheme): readonly string[] {
  const { form, prefix } = signature
  if (form === 'pairs') return pairsOf(header, prefix)
  const words = form === 'list' ? header.split(' ') : [header]
  return words.filter((word) => word.startsWith(prefix)).map((word) => word.slice(prefix.length))
}

function pairsOf(header: string, name: string): readonly string[] {
  return header
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** Undefined for what is not the one way to write a whole digest. */
function decoded(word: string, { algorithm, encoding }: WebhookScheme): Uint8Array | undefined {
  const length = algorithm === 'sha512' ? 64 : 32
  const bytes = Buffer.from(word, encoding)
  const written = bytes.toString(encoding)
  const same = encoding === 'hex' ? written === word.toLowerCase() : written === word
  return same && bytes.byteLength === length ? bytes : undefined
}

function timestampOf(
  headers: RequestHeaders,
  header: string,
  { signature, timestamp }: WebhookScheme,
): string | undefined {
  const texts =
    signature.form === 'pairs'
      ? pairsOf(header, 't')
      : [timestamp === undefined ? undefined : singleHeader(headers, timestamp)]
  const [text] = texts
  const isOne = texts.length === 1 && text !== undefined && secondsShape.test(text)
  return isOne ? text : undefined
}

function headOf(
  headers: RequestHeaders,
  scheme: WebhookScheme,
  { id, signedAt }: { readonly id: string | undefined; readonly signedAt: number | undefined },
): SignedHead {
  const topic = scheme.topic === undefined ? undefined : singleHeader(headers, scheme.topic)
  return {
    ...(id === undefined ? {} : { id }),
    ...(topic !== undefined && topicShape.test(topic) ? { topic } : {}),
    ...(signedAt === undefined ? {} : { signedAt }),
  }
}

/** A member of a payload that names a delivery: a text, or a number that is whole and exact. */
export function idIn(payload: unknown, member: string | undefined): string | undefined {
  const value = memberOf(payload, member)
  return Number.isSafeInteger(value) ? String(value) : nameIn(payload, member)
}

/** A text of a payload that may stand as id or topic; undefined for any other value. */
export function nameIn(payload: unknown, member: string | undefined): string | undefined {
  const value = memberOf(payload, member)
  return typeof value === 'string' && idShape.test(value) ? value : undefined
}

function memberOf(payload: unknown, member: string | undefined): unknown {
  if (member === undefined || typeof payload !== 'object' || payload === null) return undefined
  if (!Object.hasOwn(payload, member)) return undefined
  return (payload as Readonly<Record<string, unknown>>)[member]
}
