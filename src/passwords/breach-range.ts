/** A range of the HIBP API: what follows a prefix of five characters in SHA-1 hashes of passwords. */
export type BreachRange = ReadonlySet<string>

/** Longest answer that is read. A padded range has some 80 KB. */
export const longestRange = 262_144

const rangeLine = /^([0-9A-F]{35}):(\d{1,12})$/

/**
 * Reads an answer of the range API: a line `SUFFIX:COUNT` for each hash, with CRLF between them.
 * Lines with a count of 0 are padding and left out. Anything else, an empty answer included, is
 * undefined: half a range would pass breached passwords in silence.
 */
export function parseBreachRange(text: string): BreachRange | undefined {
  if (text.length > longestRange) return undefined
  const range = new Set<string>()
  for (const line of text.replace(/\r?\n$/, '').split(/\r?\n/)) {
    const [, suffix, count] = rangeLine.exec(line) ?? []
    if (suffix === undefined) return undefined
    if (Number(count) > 0) range.add(suffix)
  }
  return range
}
