import type { FieldKind } from './rule.ts'

/** What reading a text revealed beside its characters. */
export interface Decoded {
  /** Lower case, each escape resolved once. */
  readonly text: string
  /** It was percent-encoded below another encoding. */
  readonly twice: boolean
  /** It held a comment that a database runs or takes for a hint. */
  readonly hint: boolean
}

const entities: Readonly<Record<string, string>> = Object.freeze({
  __proto__: null,
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  tab: ' ',
  newline: '\n',
  colon: ':',
  lpar: '(',
  rpar: ')',
  sol: '/',
  equals: '=',
  nbsp: ' ',
} as unknown as Record<string, string>)

const escapes = /[%&\\\u0080-\uffff]|\/\*/
// Every repetition is bounded, and each alternative begins with a character of its own.
const escaped =
  /%u[0-9a-f]{4}|%[0-9a-f]{2}|&#x0{0,7}[0-9a-f]{1,6};?|&#0{0,7}[0-9]{1,7};?|&[a-z]{2,7};|\\u\{0{0,4}[0-9a-f]{1,6}\}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|[\uff01-\uff5e\u3000\u200b-\u200d\u2060\ufeff\u00a0\u00ad\u2018\u2019\u2032\u201c\u201d\u2215\u2216\u2044\u02bc]|\/\*[!+]?\d{0,6}|\*\//gi

/**
 * Reads a text as a lenient program would: percent escapes, HTML entities, escapes of JavaScript, wide
 * letters and comments, all in one pass and each once. What an escape yields is not read again, so the
 * result is no longer than the text and the time is linear.
 */
export function decode(text: string, kind: FieldKind): Decoded {
  if (!escapes.test(text)) return { text: text.toLowerCase(), twice: false, hint: false }
  const seen = { twice: false, open: false, hint: false }
  const percents = kind !== 'json'
  const read = text.replace(escaped, (found) => {
    if (found.startsWith('/*')) {
      seen.open = true
      if (found[2] === '!' || found[2] === '+') seen.hint = true
      return found.length > 2 ? ' ' : '/*'
    }
    if (found === '*/') return '*/'
    if (found.startsWith('%')) {
      if (!percents) return found
      const character = ofCode(
        Number.parseInt(found.slice(found[1] === 'u' || found[1] === 'U' ? 2 : 1), 16),
        found,
      )
      if (character !== found) seen.twice = true
      return character
    }
    return resolve(found)
  })
  const plain = seen.open ? withoutComments(read) : read
  return { text: plain.toLowerCase(), twice: seen.twice, hint: seen.hint }
}

function resolve(found: string): string {
  if (found[0] === '&') return entity(found)
  if (found[0] === '\\') {
    const digits = found[2] === '{' ? found.slice(3, -1) : found.slice(2)
    return ofCode(Number.parseInt(digits, 16), found)
  }
  return folded(found)
}

function entity(found: string): string {
  if (found[1] !== '#') {
    const name = found.slice(1, -1).toLowerCase()
    return entities[name] ?? found
  }
  const hex = found[2] === 'x' || found[2] === 'X'
  const digits = found.slice(hex ? 3 : 2).replace(';', '')
  return ofCode(Number.parseInt(digits, hex ? 16 : 10), found)
}

/** A character by its code, where it is one that rules look for. */
function ofCode(code: number, found: string): string {
  if (code < 0x80) return String.fromCharCode(code)
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : found
}

function folded(found: string): string {
  const code = found.charCodeAt(0)
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0)
  if (code === 0x3000 || code === 0xa0) return ' '
  if (code === 0x2215 || code === 0x2044) return '/'
  if (code === 0x2216) return '\\'
  return code < 0x2018 || code === 0x2060 || code === 0xfeff
    ? code === 0x02bc
      ? found
      : ''
    : found
}

/** Comments of SQL, C and JavaScript stand for a space. One that never closes hides nothing. */
function withoutComments(text: string): string {
  const parts: string[] = []
  let from = 0
  for (;;) {
    const open = text.indexOf('/*', from)
    const close = open < 0 ? -1 : text.indexOf('*/', open + 2)
    if (close < 0) break
    parts.push(text.slice(from, open), ' ')
    from = close + 2
  }
  parts.push(text.slice(from))
  return parts.join('').replaceAll('*/', ' ')
}

const quotesInWords = /''|""|``|\\(?=[a-z])|\$[@*]|\^(?=[a-z])/g

/** The text without what a shell drops: empty quotes and escapes inside of words. */
export function unquoted(text: string): string {
  return text.replace(quotesInWords, '')
}

const base64 = /^[A-Za-z0-9+/]{12,2000}={0,2}$/
const printable = /^[\t\n\r -~]{6,}$/

/** What a value that is nothing but base64 stands for, when that is text. */
export function unarmoured(text: string): string | undefined {
  if (text.length > 2_002 || text.length % 4 !== 0 || !base64.test(text)) return undefined
  const read = Buffer.from(text, 'base64').toString('latin1')
  return printable.test(read) ? read : undefined
}
