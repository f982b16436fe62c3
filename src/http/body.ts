import { Readable } from 'node:stream'
import type { SecurityError } from '../errors/index.ts'
import type { Clock } from '../ports/index.ts'
import { bodyErrors, type InputFault } from './body-errors.ts'
import { type RequestHeaders, singleHeader } from './exchange.ts'
import { type FormBounds, readForm } from './form.ts'
import { type JsonBounds, readJson } from './json.ts'

export interface ReadBodyOptions {
  /** Most bytes taken; one more is 413. */
  readonly limit: number
  /** From Content-Length, where it was sent; a body announced too large is not read at all. */
  readonly declaredLength?: number
  /** Time for the whole body to arrive. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** After these the rest of the body is still on its way, so the connection cannot be used again. */
const unread = { headers: { connection: 'close' } } as const

/**
 * Reads a whole body. Rejects with `body_too_large` (413), early by the announced length and else at
 * the first byte too many, with `body_timeout` (408), or with `body_incomplete` (400) when the
 * sender goes away. A refused stream is drained, not destroyed, so that the answer can be read.
 */
export function readBody(
  stream: Readable | AsyncIterable<Uint8Array>,
  options: ReadBodyOptions,
): Promise<Uint8Array> {
  if ((options.declaredLength ?? 0) > options.limit) {
    return Promise.reject(bodyErrors.body_too_large(unread))
  }
  return collect(stream instanceof Readable ? stream : Readable.from(stream), options)
}

function collect(source: Readable, options: ReadBodyOptions): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let size = 0
    const settle = () => {
      timer.cancel()
      source.off('data', onData).off('end', onEnd).off('close', onGone)
    }
    const refuse = (error: SecurityError) => {
      settle()
      source.resume()
      reject(error)
    }
    const onData = (chunk: Uint8Array) => {
      size += chunk.byteLength
      if (size > options.limit) refuse(bodyErrors.body_too_large(unread))
      else chunks.push(chunk)
    }
    const onEnd = () => {
      settle()
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    }
    const onGone = () => refuse(bodyErrors.body_incomplete())
    const timer = options.clock.after(options.timeoutMs, () =>
      refuse(bodyErrors.body_timeout(unread)),
    )
    // The error listener stays: an error after the verdict must not become an uncaught exception.
    source.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone)
    if (source.destroyed) onGone()
  })
}

/** Content-Length as a number; undefined where it is missing or not plain digits. */
export function declaredLength(headers: RequestHeaders): number | undefined {
  const text = singleHeader(headers, 'content-length')
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export type BodyKind = 'json' | 'form'

export interface ParseBodyOptions {
  /** What the route takes; an API route takes JSON alone, which a foreign page's form cannot send. */
  readonly accepts: readonly BodyKind[]
  readonly json: JsonBounds
  readonly form: FormBounds
}

const mediaTypes: Readonly<Record<BodyKind, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
}

/**
 * The kind of body the headers announce, or `unsupported_media_type` (415) thrown: for a type the
 * route does not take, a charset other than UTF-8, or any content encoding, since what is inflated
 * here would not be what the limits and signatures saw.
 */
export function bodyKind(headers: RequestHeaders, accepts: readonly BodyKind[]): BodyKind {
  const type = demandMediaType(
    headers,
    accepts.map((kind) => mediaTypes[kind]),
  )
  return type === mediaTypes.json ? 'json' : 'form'
}

/** Which of `types` the headers announce; throws `unsupported_media_type` (415) as `bodyKind` does. */
export function demandMediaType(headers: RequestHeaders, types: readonly string[]): string {
  const encoding = singleHeader(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity'
  const type = readMediaType(singleHeader(headers, 'content-type'))
  if (type !== undefined && types.includes(type) && encoding === 'identity') return type
  throw bodyErrors.unsupported_media_type({
    headers: { accept: types.join(', ') },
    members: { accepts: types },
  })
}

/** The media type in lower case; undefined when it is malformed or its charset is not UTF-8. */
function readMediaType(header: string | undefined): string | undefined {
  const match = /^([a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)[ \t]*(;.*)?$/i.exec(header?.trim() ?? '')
  if (!match?.[1]) return undefined
  for (const parameter of (match[2] ?? '').split(';')) {
    const [name, value = ''] = parameter.split('=')
    const charset = name?.trim().toLowerCase() === 'charset'
    if (charset && !/^"?utf-?8"?$/i.test(value.trim())) return undefined
  }
  return match[1].toLowerCase()
}

/**
 * The value of a body; undefined for an empty one, whatever its type. Throws a SecurityError: 415 by
 * `bodyKind`, or 400 with the code of the reader and a pointer below `#/body`.
 */
export function parseBody(
  bytes: Uint8Array,
  headers: RequestHeaders,
  options: ParseBodyOptions,
): unknown {
  if (bytes.byteLength === 0) return undefined
  const kind = bodyKind(headers, options.accepts)
  const result = kind === 'json' ? readJson(bytes, options.json) : readForm(bytes, options.form)
  if (!result.ok) throw inputError(result, '#/body')
  return result.value
}

/** The error of a fault, located below `root`: `#/body` or `#/query`. */
export function inputError(fault: InputFault, root: string): SecurityError {
  const { $table, [fault.code]: make } = bodyErrors
  if (fault.pointer === undefined) return make()
  const pointer = root + fault.pointer
  return make({ faults: [{ pointer, code: fault.code, detail: $table[fault.code].detail }] })
}
