import type { RequestHeaders } from '../http/index.ts'
import { type InnerList, type Item, writeInnerList, writeItem } from './structured-fields.ts'

/** A request as a signature sees it. */
export interface SignedMessage {
  readonly method: string
  /** Path and query exactly as sent. */
  readonly target: string
  /** `https` or `http`. */
  readonly scheme: string
  /** Host, and port unless it is the usual one; small letters. */
  readonly authority: string
  readonly headers: RequestHeaders
}

/**
 * The text that is signed (RFC 9421 section 2.5). Undefined where it covers something that the request
 * does not have, that is covered twice, or that this server does not read.
 */
export function signatureBase(message: SignedMessage, covered: InnerList): string | undefined {
  const lines = new Map<string, string>()
  for (const item of covered.items) {
    const value = componentValue(message, item)
    const name = writeItem(item)
    if (value === undefined || lines.has(name)) return undefined
    lines.set(name, value)
  }
  const all = [...lines].map(([name, value]) => `${name}: ${value}\n`)
  return `${all.join('')}"@signature-params": ${writeInnerList(covered)}`
}

/** Names of what is covered, as `writeItem` writes them without quotes: `@method`, `content-digest`. */
export function coveredNames({ items }: InnerList): ReadonlySet<string> {
  const plain = items.filter(({ parameters }) => parameters.size === 0)
  return new Set(plain.map(({ value }) => String(value)))
}

function componentValue(
  message: SignedMessage,
  { parameters, value: name }: Item,
): string | undefined {
  if (typeof name !== 'string') return undefined
  if (name === '@query-param') return queryParameter(message, parameters)
  // `sf`, `bs`, `key`, `req` and `tr` give other readings of a field, and nobody needs them here.
  if (parameters.size > 0) return undefined
  const derive = Object.hasOwn(derived, name) ? derived[name] : undefined
  return derive ? derive(message) : fieldValue(message.headers, name)
}

const derived: Readonly<Record<string, (message: SignedMessage) => string>> = {
  '@method': ({ method }) => method,
  '@target-uri': ({ authority, scheme, target }) => `${scheme}://${authority}${target}`,
  '@authority': ({ authority }) => authority,
  '@scheme': ({ scheme }) => scheme,
  '@request-target': ({ target }) => target,
  '@path': ({ target }) => split(target).path,
  '@query': ({ target }) => `?${split(target).query}`,
}

function split(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: '' }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** A field's values in one line (section 2.1); names are in small letters, and never derived ones. */
function fieldValue(headers: RequestHeaders, name: string): string | undefined {
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || !Object.hasOwn(headers, name)) return undefined
  const value = headers[name]
  if (value === undefined) return undefined
  const values = typeof value === 'string' ? [value] : value
  const line = values.map((one) => one.trim()).join(', ')
  return /[\r\n]/.test(line) ? undefined : line
}

/** Section 2.2.8. A name that is there twice has no single value, and bytes that are no text have none. */
function queryParameter({ target }: SignedMessage, parameters: Item['parameters']) {
  const name = parameters.get('name')
  if (typeof name !== 'string' || parameters.size !== 1) return undefined
  const { query } = split(target)
  if (!isText(query)) return undefined
  const found = [...new URLSearchParams(query)].filter(([one]) => encode(one) === name)
  return found.length === 1 && found[0] ? encode(found[0][1]) : undefined
}

function isText(query: string): boolean {
  try {
    decodeURIComponent(query)
    return true
  } catch {
    return false
  }
}

function encode(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()~]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
