import {
  type BodyKind,
  bodyKind,
  defaultFormBounds,
  defaultJsonBounds,
  type JsonBounds,
  parseBody,
  type RequestHeaders,
} from '../http/index.ts'
import type { WebhookScheme } from './scheme.ts'

/** Payloads of providers are longer than requests of people: whole pages of HTML in one text. */
const json: JsonBounds = Object.freeze({
  ...defaultJsonBounds,
  depth: 64,
  stringLength: 16_777_216,
  arrayItems: 100_000,
  objectKeys: 10_000,
})
const form = Object.freeze({ ...defaultFormBounds, stringLength: 16_777_216 })

/** Throws `unsupported_media_type` (415) for a body of a kind that the provider does not send. */
export function checkKind({ headers, rawBody }: Sent, { bodies }: WebhookScheme): void {
  if (rawBody.byteLength > 0) bodyKind(headers, bodies as readonly BodyKind[])
}

/**
 * Reads the payload of a verified delivery, strictly: no key twice, no `__proto__`, no number that would
 * become another. A form with the one field `payload` holds JSON, as GitHub and Slack write it. Undefined
 * for an empty body. Throws 400 with the code of the fault.
 */
export function readPayload({ headers, rawBody }: Sent, { bodies }: WebhookScheme): unknown {
  const read = parseBody(rawBody, headers, { accepts: bodies as readonly BodyKind[], json, form })
  const text = onlyPayload(read, headers)
  if (text === undefined) return read
  const asJson = { 'content-type': 'application/json' }
  return parseBody(Buffer.from(text, 'utf8'), asJson, { accepts: ['json'], json, form })
}

interface Sent {
  readonly headers: RequestHeaders
  readonly rawBody: Uint8Array
}

function onlyPayload(read: unknown, headers: RequestHeaders): string | undefined {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  if (!type.startsWith('application/x-www-form-urlencoded')) return undefined
  const { payload, ...others } = (read ?? {}) as Readonly<Record<string, unknown>>
  return typeof payload === 'string' && Object.keys(others).length === 0 ? payload : undefined
}
