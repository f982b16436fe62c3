import { hash } from 'node:crypto'
import { type RequestHeaders, singleHeader } from '../http/index.ts'
import { webhookErrors } from './errors.ts'
import type { WebhookSettings } from './options.ts'
import { readPayload } from './payload.ts'
import { isHeaderIdSigned, isTimed, type WebhookScheme } from './scheme.ts'
import { idIn, nameIn, type SignedHead, type WebhookRequest } from './signature.ts'

/** A verified delivery, as handlers are given it. */
export interface WebhookDelivery {
  /** `shopify`, `stripe`, `github`, `slack`, `standard`, or the name of a custom one. */
  readonly provider: string
  /** The option `name` of the webhook. */
  readonly name: string
  /** How the provider names it, else a hash of what was signed. The same in every attempt and retry. */
  readonly id: string
  /** Undefined where the provider tells none. Shopify and GitHub do not sign it. */
  readonly topic: string | undefined
  /** The body, read strictly; undefined for an empty one. */
  readonly payload: unknown
  /** The body exactly as it was sent. */
  readonly rawBody: Buffer
  /** Further headers of the provider, such as `x-shopify-shop-domain`. They are not signed. */
  readonly headers: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly receivedAt: number
  /** 1 for the first. */
  readonly attempt: number
  /** Aborts when the time of the handler is over or the process stops. */
  readonly signal: AbortSignal
}

/** What is kept of a delivery until it is done. */
export interface KeptDelivery {
  readonly id: string
  readonly topic: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly rawBody: Uint8Array
}

/** A delivery that was read, with what tells it from others. */
export interface ReadDelivery extends KeptDelivery {
  readonly payload: unknown
  readonly idKey: string
  readonly contentKey: string
}

/** Reads a verified delivery. Throws 400 for a payload that cannot be read in one way. */
export function readDelivery(
  request: WebhookRequest,
  head: SignedHead,
  { scheme, topics }: WebhookSettings,
): ReadDelivery {
  const payload = readPayload(request, scheme)
  const topic = nameIn(payload, scheme.payloadTopic) ?? head.topic
  const inPayload = idIn(payload, scheme.payloadId)
  const named = inPayload ?? head.id
  const isAsked = topic !== undefined && topics?.has(topic)
  const content = contentKey(request.rawBody, head, { scheme, topic: isAsked ? topic : '' })
  const idKey = named === undefined ? content : digest(`id:${named}`)
  const signedName = inPayload !== undefined || (named !== undefined && isHeaderIdSigned(scheme))
  return {
    ...{ payload, topic, idKey },
    id: named ?? content,
    contentKey: signedName ? idKey : content,
    headers: toldHeaders(request.headers, scheme),
    rawBody: request.rawBody,
  }
}

/**
 * Two deliveries with the same signed bytes are one, whatever their unsigned name or topic says. One change
 * makes Shopify send the same body to two topics, so a topic that the app has listed counts as well.
 */
function contentKey(
  body: Uint8Array,
  { signedAt }: SignedHead,
  { scheme, topic }: { readonly scheme: WebhookScheme; readonly topic: string },
): string {
  const instant = isTimed(scheme) ? String(signedAt) : ''
  return digest(`content:${topic}\n${instant}\n${hash('sha256', body, 'base64url')}`)
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url')
}

function toldHeaders(
  headers: RequestHeaders,
  { told }: WebhookScheme,
): Readonly<Record<string, string>> {
  const found = ['content-type', ...told].flatMap((name) => {
    const value = singleHeader(headers, name)
    return value === undefined || value.length > 300 ? [] : [[name, value]]
  })
  return Object.fromEntries(found)
}

/** A kept delivery as bytes, for sealing: its head as JSON behind its length, then the raw body. */
export function encodeDelivery({ headers, id, rawBody, topic }: KeptDelivery): Uint8Array {
  const head = Buffer.from(JSON.stringify({ headers, id, topic }), 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.byteLength)
  return Buffer.concat([length, head, rawBody])
}

/** Reads what `encodeDelivery` wrote. */
export function decodeDelivery(bytes: Uint8Array): KeptDelivery {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = 4 + buffer.readUInt32BE(0)
  const head = JSON.parse(buffer.toString('utf8', 4, end))
  if (typeof head !== 'object' || head === null) throw webhookErrors.webhook_invalid()
  const { headers, id, topic } = head as Omit<KeptDelivery, 'rawBody'>
  return { headers, id, topic, rawBody: buffer.subarray(end) }
}
