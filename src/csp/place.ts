/** Words that browsers send where no address was blocked (CSP 3, section 5.3; Trusted Types, 5.3). */
const keywords: ReadonlySet<string> = new Set([
  ...['inline', 'eval', 'wasm-eval', 'self', 'trusted-types-policy', 'trusted-types-sink'],
])

const schemes: ReadonlySet<string> = new Set(['about', 'blob', 'data', 'filesystem', 'mediastream'])

const extensions =
  /^(?:chrome|moz|safari|safari-web|ms-browser)-extension\b|^user-script\b|^webkit-masked-url\b/i

/** Stands for a place that has no name here; nothing of what was sent is in it. */
export const otherPlace = '(other)'
/** Stands for whatever a browser extension did to the page. */
export const extensionPlace = 'extension'

const mostCharacters = 280

/**
 * What is kept of an address or word that a browser reports: a keyword, a scheme, or an origin; never a
 * path, a query or any text that fits none of these. Empty stays empty.
 */
export function placeOf(text: string, ownOrigins: ReadonlySet<string>): string {
  const word = text.toLowerCase()
  if (word === '' || keywords.has(word)) return word
  if (extensions.test(word)) return extensionPlace
  const scheme = /^[a-z][a-z0-9+.-]*/.exec(word)?.[0] ?? ''
  const isBare = scheme.length === word.length || word[scheme.length] === ':'
  if (schemes.has(scheme) && isBare) return `${scheme}:`
  const origin = originOf(text)
  if (origin === undefined) return otherPlace
  return ownOrigins.has(origin) ? 'self' : origin
}

/** The origin of a web address, in its one spelling; undefined for anything else. */
export function originOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^(?:https?|wss?):$/.test(url.protocol)) return undefined
  const origin = `${url.protocol}//${url.host}`
  const isPlain = /^[a-z]+:\/\/[a-z0-9._:[\]-]+$/.test(origin)
  return isPlain && origin.length <= mostCharacters ? origin : undefined
}
