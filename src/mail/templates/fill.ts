const unsafe = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu
const linkLike = /[/\\@:<>]|[^\s.][.。｡]\p{L}{2}|\bwww\b/iu
const manyDigits = /(?:\d\D*){5}/u

/** One line without control, direction or invisible characters, at most `length` characters. */
export function plainLine(text: string, length: number): string {
  const line = text.toWellFormed().replace(unsafe, ' ').replace(/\s+/gu, ' ').trim()
  return [...line].slice(0, length).join('').trim()
}

/**
 * A person's name as a mail may carry it, or undefined. Anyone can register anyone's address, so a
 * name that could be read as a link, an address or a telephone number, or is long enough for a
 * message, is left out.
 */
export function nameForMail(name: string | undefined): string | undefined {
  const line = plainLine(name ?? '', 200)
  if (line === '' || [...line].length > 60) return undefined
  const folded = line.normalize('NFKC')
  return linkLike.test(folded) || manyDigits.test(folded) ? undefined : line
}

/** Puts values in the places of `{names}`; a value that holds braces is not read again. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place)
}
