import { isUtf8 } from 'node:buffer'

const quote = 0x22
const colon = 0x3a
const backslash = 0x5c
const maximumDepth = 16

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
  return countKept(value, 0) === countWritten(text) ? (value as StrictObject) : undefined
}

/**
 * Members as written: colons outside strings. JSON.parse keeps the last of two members of one name,
 * so fewer kept than written means a duplicate. `text` must be valid JSON.
 */
function countWritten(text: string): number {
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quote) at = closingQuote(text, at)
    else if (unit === colon) members++
  }
  return members
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1
  return at
}

/** Members kept, or NaN (equal to no count) when something inside is refused. */
function countKept(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.isWellFormed() ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  if (depth === maximumDepth) return Number.NaN
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countKept(item, depth + 1)
    return members
  }
  for (const [name, item] of Object.entries(value)) {
    if (name === '__proto__' || !name.isWellFormed()) return Number.NaN
    members += 1 + countKept(item, depth + 1)
  }
  return members
}
