import { defineErrors } from '../errors/index.ts'

/** Mistakes of whoever wrote the redirect, never of a request. */
export const redirectErrors = defineErrors({
  redirect_invalid: {
    status: 500,
    title: 'Invalid redirect',
    detail: 'A redirect of the app names origins that are none.',
  },
})

/** Where a redirect may lead. */
export interface RedirectRules {
  /** Origin of `baseUrl`. */
  readonly ownOrigin: string
  /** Other exact origins, such as `https://shop.example`. Default: none. */
  readonly allow?: readonly string[]
}

const longest = 2_000

/** A text that begins like a path of this site: one slash, then neither slash nor backslash. */
const looksLocal = /^\/(?![/\\])[^\p{Cc}]*$/u

/**
 * `target` as a path of this very site, parsed as a browser would and in ASCII, fit for a Location
 * header; undefined for whatever leads, or could by some reader be led, elsewhere: `//evil`, `/\evil`,
 * `/.//evil`, tabs and line breaks, and the same in escapes.
 */
export function localTarget(target: unknown, ownOrigin: string): string | undefined {
  if (typeof target !== 'string' || target.length > longest || !looksLocal.test(target)) {
    return undefined
  }
  const url = URL.parse(target, ownOrigin)
  return url?.origin === ownOrigin ? pathOf(url) : undefined
}

/**
 * Where a redirect to `target` may lead: a path of our own, or an address whose origin is, letter by
 * letter, our own or one of `allow`. Prefixes, user names, backslashes, other schemes and relative texts
 * lead nowhere: undefined. What comes back is the parsed form in ASCII; of our own origin the path alone.
 * Throws `redirect_invalid` when `allow` holds what is no exact origin.
 */
export function redirectTarget(
  target: unknown,
  { ownOrigin, allow = [] }: RedirectRules,
): string | undefined {
  for (const origin of allow) requireOrigin(origin)
  if (typeof target !== 'string' || target.length > longest) return undefined
  if (target.startsWith('/')) return localTarget(target, ownOrigin)
  const origin = [ownOrigin, ...allow].find((one) => beginsWith(target, one))
  // Blanks, controls and backslashes are read in more than one way, here and behind a proxy.
  if (origin === undefined || /[\s\\\p{Cc}]/u.test(target)) return undefined
  const url = URL.parse(target)
  if (url?.origin !== origin || url.username !== '' || url.password !== '') return undefined
  const path = pathOf(url)
  if (path === undefined || origin === ownOrigin) return path
  return origin + path
}

/** The origin as a whole, never as a prefix: what follows it ends the authority. */
function beginsWith(target: string, origin: string): boolean {
  return target.startsWith(origin) && /^(?:[/?#]|$)/.test(target.slice(origin.length))
}

function pathOf({ hash, pathname, search }: URL): string | undefined {
  const path = pathname + search + hash
  return looksLocal.test(path) && looksLocal.test(unescaped(pathname)) ? path : undefined
}

/** As a careless reader behind us would have it, who decodes more than once. */
function unescaped(pathname: string): string {
  let text = pathname
  for (let round = 0; round < 3 && text.includes('%'); round += 1) {
    text = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
  // UTF-8 in escapes comes out as single bytes, of which some look like controls and are none.
  return text.replace(/[\u0080-\u009f]/g, '')
}

function requireOrigin(text: string): void {
  if (/^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text) return
  const explanation = `allow: ${JSON.stringify(String(text).slice(0, 100))} is no exact origin; write 'https://shop.example'`
  throw redirectErrors.redirect_invalid({ explanation })
}
