import { z } from 'zod'

/** Where to go afterwards, in the address of a page. */
export const nextQuery = z.object({ next: z.string().optional() })

const longest = 2_000

/** A text that begins like a path of this site: one slash, then neither slash nor backslash. */
const looksLocal = /^\/(?![/\\])[^\p{Cc}]*$/u

/**
 * Where to go after a sign-in: `next` if it is a path of this very site, else `fallback`. What is
 * returned is the parsed form, in ASCII, fit for a Location header. The address is parsed as a
 * browser would, so `//evil`, `/\evil`, `/.//evil`, tabs and line breaks lead nowhere else.
 */
export function localPath(next: string | undefined, fallback: string, baseUrl: string): string {
  if (next === undefined || next.length > longest || !looksLocal.test(next)) return fallback
  const origin = new URL(baseUrl).origin
  const url = URL.parse(next, origin)
  if (url?.origin !== origin) return fallback
  const path = url.pathname + url.search + url.hash
  return looksLocal.test(path) ? path : fallback
}

/** The address of a page that leads on to `next`; without one it stands alone. */
export function withNext(address: string, next: string | undefined): string {
  return next === undefined ? address : `${address}?next=${encodeURIComponent(next)}`
}
