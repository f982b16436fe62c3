import { hmacSha256 } from '../crypto/index.ts'
import type { LimitPolicy } from './policy.ts'
import type { WindowClaim } from './store.ts'

/** Under which id a key is counted: an HMAC, so that no address and no name lies in a store. */
export function limitId(hashKey: Uint8Array, policy: LimitPolicy, key: string): string {
  return hmacSha256(hashKey, `${policy.name}\0${key}`).toString('hex')
}

/** What taking `points` at `now` asks of the window of `id`. */
export function windowClaim(
  policy: LimitPolicy,
  { id, now, points }: { readonly id: string; readonly points: number; readonly now: number },
): WindowClaim {
  const longest = Math.max(policy.windowMs, policy.blockMs ?? 0)
  return {
    ...{ id, points, now },
    limit: policy.points,
    endsAt: now + policy.windowMs,
    horizon: now + 2 * longest,
  }
}
