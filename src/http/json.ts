import { isUtf8 } from 'node:buffer'
import type { InputFault } from './body-errors.ts'
import { JsonScanner } from './json-scanner.ts'

/** What a JSON document may hold. A route's schema may widen the default. */
export interface JsonBounds {
  /** Levels of objects and arrays inside each other. */
  readonly depth: number
  /** UTF-16 units of one text or key. */
  readonly stringLength: number
  readonly arrayItems: number
  readonly objectKeys: number
  /** Refuse numbers beyond 2^53 - 1, which would silently become other numbers. */
  readonly safeNumbers: boolean
  /** Refuse keys with `$` or a dot: for routes without a schema, whose body may reach a query. */
  readonly plainKeys: boolean
}

export const defaultJsonBounds: JsonBounds = Object.freeze({
  depth: 32,
  stringLength: 10_000,
  arrayItems: 1_000,
  objectKeys: 1_000,
  safeNumbers: true,
  plainKeys: false,
})

export type JsonResult = { readonly ok: true; readonly value: unknown } | InputFault

/**
 * Reads a JSON document (RFC 8259) more strictly than JSON.parse: UTF-8 without a byte order mark,
 * no key twice in an object (I-JSON, RFC 7493 section 2.3), no `__proto__`, no `constructor` that
 * holds a `prototype`, no NUL, no half surrogate pair, and nothing beyond the bounds. One linear
 * scan goes ahead; JSON.parse then decides the grammar, so whatever is accepted is exactly what
 * JSON.parse reads. Never throws.
 */
export function readJson(bytes: Uint8Array, bounds: JsonBounds = defaultJsonBounds): JsonResult {
  if (!isUtf8(bytes)) return { ok: false, code: 'malformed_json' }
  const text = asBuffer(bytes).toString('utf8')
  const fault = new JsonScanner(text, bounds).scan()
  if (fault) return fault
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return { ok: false, code: 'malformed_json' }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
