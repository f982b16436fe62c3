import { isUtf8 } from 'node:buffer'

const colon = 0x3a
const backslash = 0x5c
const space = 0x20
const maximumDepth = 16
/** As JSON.stringify writes one (well-formed JSON.stringify, ECMA-262 section 25.5.2). */
const loneSurrogate = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/** A JSON object whose members have distinct names. */
export type StrictObject = Readonly<Record<string, unknown>>

/**
 * Parses a JSON object strictly (I-JSON, RFC 7493): UTF-8, no byte order mark, no duplicate member
 * at any depth, no lone surrogate, no `__proto__`, at most 16 levels. Undefined otherwise. For
 * small documents whose size has been checked.
 */
export function parseStrictObject(bytes: Buffer): StrictObject | undefined {
  if (!isUtf8(bytes)) return undefined
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return countKept(value, 0) === countWritten(text) && isPlain(text, value)
    ? (value as StrictObject)
    : undefined
}

/** Whether no text inside is a lone surrogate; valid UTF-8 can only hold one as an escape. */
function isPlain(text: string, value: object): boolean {
  return !text.includes('\\u') || JSON.stringify(value).search(loneSurrogate) === -1
}

/**
 * Members as written: strings followed by a colon. JSON.parse keeps the last of two members of one
 * name, so fewer kept than written means a duplicate. `text` must be valid JSON.
 */
function countWritten(text: string): number {
  let members = 0
  let opening = text.indexOf('"')
  while (opening !== -1) {
    const closing = closingQuote(text, opening)
    if (isNamed(text, closing + 1)) members++
    opening = text.indexOf('"', closing + 1)
  }
  return members
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1)
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at
}

function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === backslash) first--
  return (at - first) % 2 === 1
}

function isNamed(text: string, after: number): boolean {
  let at = after
  while (text.charCodeAt(at) <= space) at++
  return text.charCodeAt(at) === colon
}

/** Members kept, or NaN (equal to no count) for `__proto__` or too many levels. */
function countKept(value: object, depth: number): number {
  if (depth === maximumDepth) return Number.NaN
  if (Array.isArray(value)) return countInside(value, depth)
  if (Object.hasOwn(value, '__proto__')) return Number.NaN
  const items = Object.values(value)
  return items.length + countInside(items, depth)
}

function countInside(items: readonly unknown[], depth: number): number {
  let members = 0
  for (const item of items) {
    if (typeof item === 'object' && item !== null) members += countKept(item, depth + 1)
  }
  return members
}
