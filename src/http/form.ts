import type { InputFault, InputFaultCode } from './body-errors.ts'

/** What a form or query may hold. */
export interface FormBounds {
  /** Characters of one name or value. */
  readonly stringLength: number
  readonly fields: number
  /** Refuse names with `$` or a dot, see JsonBounds. */
  readonly plainKeys: boolean
}

export const defaultFormBounds: FormBounds = Object.freeze({
  stringLength: 10_000,
  fields: 1_000,
  plainKeys: false,
})

export type FormValue = Record<string, string | string[]>

export interface FormFields {
  readonly ok: true
  /** A text for each name; a list of texts, in order, for a name that was sent more than once. */
  readonly value: FormValue
  /** The names sent more than once. A schema that asks for a text refuses the list it finds there. */
  readonly repeated: readonly string[]
}

export type FormResult = FormFields | InputFault

/**
 * Reads an application/x-www-form-urlencoded body (URL standard, section 5) strictly: ASCII with
 * whole percent escapes of valid UTF-8, no NUL, no `__proto__`, nothing beyond the bounds. Brackets
 * and dots in names mean nothing. Never throws.
 */
export function readForm(bytes: Uint8Array, bounds: FormBounds = defaultFormBounds): FormResult {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return readQuery(text, bounds)
}

/** Reads a query, without its `?`, by the rules of `readForm`. */
export function readQuery(query: string, bounds: FormBounds = defaultFormBounds): FormResult {
  const fields = new Map<string, string | string[]>()
  const repeated: string[] = []
  let count = 0
  for (let start = 0; start < query.length; ) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand < 0 ? query.length : ampersand
    if (end > start) {
      count += 1
      if (count > bounds.fields) return { ok: false, code: 'too_many_keys' }
      const fault = addField(query.slice(start, end), { fields, repeated, bounds })
      if (fault) return fault
    }
    start = end + 1
  }
  return { ok: true, value: Object.fromEntries(fields), repeated }
}

interface Collected {
  readonly fields: Map<string, string | string[]>
  readonly repeated: string[]
  readonly bounds: FormBounds
}

function addField(pair: string, into: Collected): InputFault | undefined {
  const equals = pair.indexOf('=')
  const name = decode(equals < 0 ? pair : pair.slice(0, equals))
  const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
  if (name === undefined || value === undefined) return { ok: false, code: 'malformed_form' }
  const code = faultOf(name, value, into.bounds)
  if (code) return { ok: false, code, ...pointerTo(name) }
  const before = into.fields.get(name)
  if (before === undefined) into.fields.set(name, value)
  else if (typeof before !== 'string') before.push(value)
  else {
    into.fields.set(name, [before, value])
    into.repeated.push(name)
  }
  return undefined
}

function faultOf(name: string, value: string, bounds: FormBounds): InputFaultCode | undefined {
  if (Math.max(name.length, value.length) > bounds.stringLength) return 'string_too_long'
  if (name === '__proto__') return 'forbidden_key'
  if (bounds.plainKeys && /[$.]/.test(name)) return 'forbidden_key'
  return name.includes('\0') || value.includes('\0') ? 'forbidden_character' : undefined
}

/** Undefined for half an escape, for bytes that are no UTF-8, and for what should have been escaped. */
function decode(text: string): string | undefined {
  if (!/^[\x21-\x7e]*$/.test(text)) return undefined
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function pointerTo(name: string): { pointer?: string } {
  if (name.length > 300) return {}
  return { pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` }
}
