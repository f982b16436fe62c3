import { inputErrors } from './errors.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '\r': '&#13;',
  '\0': '\ufffd',
}

/**
 * Text as the content of an HTML element or as an attribute value in quotes. A browser shows exactly the
 * text that was given; only NUL and half surrogate pairs, which HTML cannot hold, become U+FFFD. Not for
 * scripts, styles, names, or attributes that hold an address (see `safeUrl`).
 */
export function encodeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"'`\r\0]/g, (character) => entities[character] ?? '')
}

/**
 * Text as an attribute value, whether in quotes or not: everything but ASCII letters and digits of it
 * becomes a character reference. Not for attributes that run their value, such as `onclick` or `style`.
 */
export function encodeAttribute(text: string): string {
  return text.toWellFormed().replace(/[^A-Za-z0-9]/gu, (character) => {
    const point = character.codePointAt(0)
    return point === undefined || point === 0 ? '&#xfffd;' : `&#x${point.toString(16)};`
  })
}

/** Text as one segment, name or value of a URL (RFC 3986, section 2.3): all but unreserved characters is escaped. */
export function encodeUrlComponent(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * Text as the value of a response header, as it stands: visible ASCII, blanks between words and tabs
 * (RFC 9110, section 5.5). Throws `header_value_invalid` for anything else, line breaks above all: what would
 * end the header is never cut out, since nobody could tell what is left. Any other text goes into a parameter: `encodeHeaderParameter`.
 */
export function encodeHeaderValue(text: string): string {
  if (/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$|^$/.test(text)) return text
  throw inputErrors.header_value_invalid()
}

/** A parameter of a header for any text, in the form of RFC 8187: `filename*=UTF-8''...`. */
export function encodeHeaderParameter(name: string, text: string): string {
  if (!/^[a-z][a-z0-9-]*$/i.test(name)) throw inputErrors.header_value_invalid()
  return `${name}*=UTF-8''${encodeUrlComponent(text)}`
}

/**
 * Text as one cell of a CSV file (RFC 4180) that people open in a spreadsheet. Where its first character
 * would begin a formula, `=`, `+`, `-`, `@`, a tab or a line break, an apostrophe goes before it, which
 * spreadsheets read as "this is text"; a program that reads the file back takes it off with
 * `decodeCsvCell`. Numbers stay numbers. Every cell is in quotes, so that no separator of any country ends it.
 */
export function encodeCsvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const cell = /^[=+\-@\t\r\n'\uff0b\uff0d\uff1d\uff20]/.test(value) ? `'${value}` : value
  return `"${cell.replaceAll('"', '""')}"`
}

/** The text of a cell that `encodeCsvCell` wrote, once a reader of CSV has taken off its quotes. */
export function decodeCsvCell(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell
}

const controls: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
}

/**
 * Text as part of one line of a log: line breaks, control characters, escape sequences of terminals and
 * the marks that turn the reading direction are written as escapes, so that nothing can pretend to be
 * another line. `JSON.parse` of the result in quotes gives the text back, but for quotes.
 */
export function encodeLogLine(text: string): string {
  return text.toWellFormed().replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a log
    /[\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) =>
      controls[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
