import { unescapePercent } from './percent.ts'
import type { FieldKind } from './rule.ts'

/** One text of a request and where it stands. */
export interface Field {
  readonly kind: FieldKind
  /** Such as `query.q`, `header.referer` or `body./items/0/name`; bounded, and of names alone. */
  readonly name: string
  readonly text: string
  /** A character was written in more bytes than it needs, which only serves to get past a filter. */
  readonly overlong?: boolean
}

// What browsers and proxies write themselves, and credentials, which are checked for what they are.
const unread: ReadonlySet<string> = new Set(
  'host connection content-length accept accept-encoding accept-language accept-charset authorization cookie if-none-match if-match if-modified-since if-unmodified-since range date te upgrade upgrade-insecure-requests keep-alive proxy-authorization transfer-encoding expect dnt priority traceparent tracestate x-csrf-token signature signature-input content-digest'.split(
    ' ',
  ),
)

/** The texts of a path and a query as they were sent. */
export function fieldsOfTarget(path: string, query: string): Field[] {
  const fields: Field[] = [{ kind: 'path', name: 'path', ...unescapePercent(path, false) }]
  if (query !== '') pairs(query, { kind: 'query', place: 'query', fields })
  return fields
}

/** Adds the texts of a header or of its cookies. */
export function fieldsOfHeader(name: string, value: string, fields: Field[]): void {
  if (name === 'cookie') cookies(value, fields)
  else if (!unread.has(name) && !name.startsWith('sec-')) header(name, value, fields)
}

/** Every text of a form, as it was sent. */
export function fieldsOfForm(raw: string): Field[] {
  const fields: Field[] = []
  pairs(raw, { kind: 'form', place: 'body', fields })
  return fields
}

interface Pairs {
  readonly kind: FieldKind
  readonly place: string
  readonly fields: Field[]
}

function pairs(raw: string, { fields, kind, place }: Pairs): void {
  for (const pair of raw.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const key = unescapePercent(equals < 0 ? pair : pair.slice(0, equals), true)
    if (equals < 0) fields.push({ kind, name: `${place} name`, ...key })
    if (equals < 0 || !plainName.test(key.text)) {
      fields.push({ kind: 'name', name: `${place} name`, ...key })
    }
    if (equals < 0) continue
    const value = unescapePercent(pair.slice(equals + 1), true)
    if (value.text !== '') fields.push({ kind, name: `${place}.${shown(key.text)}`, ...value })
  }
}

function cookies(value: string, fields: Field[]): void {
  for (const part of value.split(';')) {
    const pair = part.trim()
    const equals = pair.indexOf('=')
    const value = equals < 0 ? '' : pair.slice(equals + 1)
    const key = unescapePercent(equals < 0 ? pair : pair.slice(0, equals), false)
    if (!plainName.test(key.text)) fields.push({ kind: 'name', name: 'cookie name', ...key })
    if (plainToken.test(value)) continue
    fields.push({
      kind: 'cookie',
      name: `cookie.${shown(key.text)}`,
      ...unescapePercent(value, false),
    })
  }
}

function header(name: string, value: string, fields: Field[]): void {
  const text = name === 'referer' ? unescapePercent(value, false).text : value
  fields.push({ kind: 'header', name: `header.${shown(name)}`, text })
}

/** Names that no rule speaks of: no sign in them begins anything. */
export const plainName = /^(?!constructor)[a-z][\w-]{0,40}$|^__(?:host|secure)-[\w-]{1,60}$/i

/** What cookies mostly hold. */
const plainToken = /^[\w.~-]*$/

/** A name is shown when it is a plain one: whoever attacks by a name does not write into our log. */
export function shown(name: string): string {
  return /^[\w.[\]-]{1,40}$/.test(name) ? name : '(unusual name)'
}
