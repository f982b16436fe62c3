import type { SecurityError } from '../errors/index.ts'
import { limitErrors } from './errors.ts'
import type { LimitVerdict } from './policy.ts'

/**
 * The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) as lower-case
 * names and values alternating: `"general";q=100;w=900` and `"general";r=12;t=300`. `t` is never more
 * than `w`: a block that lasts longer than its window is told by `Retry-After` alone.
 */
export function limitHeaders(verdict: LimitVerdict): string[] {
  return ['ratelimit-policy', policyField(verdict), 'ratelimit', limitField(verdict)]
}

/** Which key a policy refused. Rides on the error to whoever enforces it, and reaches no answer. */
export class RefusedKey {
  readonly policy: string
  readonly key: string

  constructor(policy: string, key: string) {
    this.policy = policy
    this.key = key
  }
}

/**
 * The answer to a refused consumption: 429 with `Retry-After`, `retryAfter` and both fields. `key` is of
 * what `Limits.count` refused, for `Limits.noteRefused`.
 */
export function rateLimited(verdict: LimitVerdict, key?: string): SecurityError {
  return limitErrors.rate_limited({
    retryAfter: verdict.resetSeconds,
    ...(key === undefined ? {} : { cause: new RefusedKey(verdict.policy, key) }),
    headers: { 'ratelimit-policy': policyField(verdict), ratelimit: limitField(verdict) },
  })
}

function policyField({ policy, limit, windowSeconds }: LimitVerdict): string {
  return `"${policy}";q=${limit};w=${windowSeconds}`
}

function limitField({ policy, remaining, resetSeconds, windowSeconds }: LimitVerdict): string {
  const left = `"${policy}";r=${remaining}`
  return resetSeconds > windowSeconds ? left : `${left};t=${resetSeconds}`
}
