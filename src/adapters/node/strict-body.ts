import { SecurityError } from '../../errors/index.ts'
import {
  type BodyKind,
  defaultFormBounds,
  defaultJsonBounds,
  type Exchange,
  parseBody,
  type RequestHeaders,
  singleHeader,
} from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { csrfErrors, matchesCsrfField } from '../../shield/index.ts'

// A handler of the app has no schema, so its body may reach a query: no `$` and no dot in keys.
const json = Object.freeze({ ...defaultJsonBounds, plainKeys: true })
const form = Object.freeze({ ...defaultFormBounds, plainKeys: true })

// What a schema may lift; depth, repeated keys, bad characters and `__proto__` stay refused.
const wide = { stringLength: Number.POSITIVE_INFINITY, plainKeys: false }
const wideJson = Object.freeze({
  ...defaultJsonBounds,
  ...wide,
  arrayItems: Number.POSITIVE_INFINITY,
  safeNumbers: false,
})
const wideForm = Object.freeze({ ...defaultFormBounds, ...wide })
const liftable = ['string_too_long', 'array_too_long', 'unsafe_number', 'forbidden_key']

const kinds: Readonly<Record<string, BodyKind>> = Object.freeze({
  'application/json': 'json',
  'application/x-www-form-urlencoded': 'form',
})

/** The kind of a body that Holdfast reads itself; any other stays a stream of the app. */
export function strictKind(headers: RequestHeaders): BodyKind | undefined {
  const name = mediaType(headers)
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined
}

/** Type and subtype of a body, as parsers choose by them: without parameters, in small letters, or ''. */
export function mediaType(headers: RequestHeaders): string {
  const type = singleHeader(headers, 'content-type') ?? ''
  const semicolon = type.indexOf(';')
  return (semicolon < 0 ? type : type.slice(0, semicolon)).trim().toLowerCase()
}

/** What somebody made of a body that is neither text nor bytes: of JSON, or of a form of whatever type. */
export function parsedKind(headers: RequestHeaders): BodyKind {
  return /[/+]json$/.test(mediaType(headers)) ? 'json' : 'form'
}

/** Whether a body follows the headers (RFC 9112 section 6.3). */
export function hasBody(headers: RequestHeaders): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

export interface StrictBody {
  /** Exactly as sent. */
  readonly raw: Buffer
  /** Undefined for an empty body. */
  readonly value: unknown
}

/**
 * Reads a whole JSON or form body: once, within its size and time, and strictly. Rejects with 400,
 * 408, 413 or 415 and the code of the fault.
 */
export async function readStrictBody(
  security: Security,
  exchange: Exchange,
  kind: BodyKind,
): Promise<StrictBody> {
  const { formBytes, jsonBytes } = security.config.body
  const bytes = await exchange.readBody(kind === 'json' ? jsonBytes : formBytes)
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { raw, value: parseBody(bytes, exchange.headers, { accepts: [kind], json, form }) }
}

/** A body that may be beyond the default bounds. */
export interface WideBody extends StrictBody {
  /** Why it is refused on a route whose schema does not lift the bound in question. */
  readonly refusal?: SecurityError
}

/** The same for a route that is not known yet: what a schema may lift is told beside the value. */
export async function readWideBody(
  security: Security,
  exchange: Exchange,
  kind: BodyKind,
): Promise<WideBody> {
  try {
    return await readStrictBody(security, exchange, kind)
  } catch (error) {
    if (!mayBeLifted(error)) throw error
    const { formBytes, jsonBytes } = security.config.body
    const bytes = await exchange.readBody(kind === 'json' ? jsonBytes : formBytes)
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const bounds = { accepts: [kind], json: wideJson, form: wideForm }
    return { raw, value: parseBody(bytes, exchange.headers, bounds), refusal: error }
  }
}

/** Whether the schema of a route may think otherwise about a body that was refused. */
export function mayBeLifted(error: unknown): error is SecurityError {
  return error instanceof SecurityError && liftable.includes(error.code)
}

/**
 * Throws `csrf_refused` when the pipeline left the question to a form field that is not there; in shadow
 * that only counts.
 */
export function checkCsrfField(security: Security, exchange: Exchange, body: unknown): void {
  const { auth, csrfPending } = exchange.state
  if (!csrfPending) return
  const expected = auth && security.parts.rooms.csrfToken(auth.sessionId)
  if (expected !== undefined && matchesCsrfField(body, expected)) return
  const refusal = csrfErrors.csrf_refused()
  const enforced = security.config.shield.csrf === 'on'
  const { shadow } = security.parts.ground
  shadow.note({ control: 'csrf', rule: refusal.code, enforced, exchange })
  if (enforced) throw refusal
}
