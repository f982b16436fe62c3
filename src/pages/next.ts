import { z } from 'zod'
import { localTarget } from '../http/index.ts'

/** Where to go afterwards, in the address of a page. */
export const nextQuery = z.object({ next: z.string().optional() })

/**
 * Where to go after a sign-in: `next` if it is a path of this very site, else `fallback`. What is
 * returned is the parsed form, in ASCII, fit for a Location header.
 */
export function localPath(next: string | undefined, fallback: string, baseUrl: string): string {
  return localTarget(next, new URL(baseUrl).origin) ?? fallback
}

/** The address of a page that leads on to `next`; without one it stands alone. */
export function withNext(address: string, next: string | undefined): string {
  return next === undefined ? address : `${address}?next=${encodeURIComponent(next)}`
}
