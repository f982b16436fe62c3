import type { Auth } from 'holdfast/express'

/**
 * How fresh a proof has to be for giving people their rows. Whoever has a second factor proves it with
 * that, by the rules of Holdfast; for all others the password will do.
 */
export const PROOF = { within: '15m' } as const

const WITHIN_MS = 15 * 60_000

/**
 * Where somebody proves anew who she is before `page`, if its guard would ask for that; undefined if
 * not. The guard decides: this leads people there instead of showing them its refusal.
 */
export function provePage(
  auth: Auth,
  { now, page }: { readonly now: number; readonly page: string },
): string | undefined {
  const level = Math.max(auth.requiredLevel, auth.secondFactor ? 2 : 1)
  if (now - auth.authTime <= WITHIN_MS && auth.level >= level) return undefined
  const next = encodeURIComponent(page)
  return `/account/prove?next=${next}${level > 1 ? '&level=2' : ''}`
}
