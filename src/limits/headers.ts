import type { SecurityError } from '../errors/index.ts'
import { limitErrors } from './errors.ts'
import type { LimitVerdict } from './policy.ts'

/**
 * The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) as lower-case
 * names and values alternating: `"general";q=100;w=900` and `"general";r=12;t=300`.
 */
export function limitHeaders(verdict: LimitVerdict): string[] {
  return ['ratelimit-policy', policyField(verdict), 'ratelimit', limitField(verdict)]
}

/** The answer to a refused consumption: 429 with `Retry-After`, `retryAfter` and both fields. */
export function rateLimited(verdict: LimitVerdict): SecurityError {
  return limitErrors.rate_limited({
    retryAfter: verdict.resetSeconds,
    headers: { 'ratelimit-policy': policyField(verdict), ratelimit: limitField(verdict) },
  })
}

function policyField({ policy, limit, windowSeconds }: LimitVerdict): string {
  return `"${policy}";q=${limit};w=${windowSeconds}`
}

function limitField({ policy, remaining, resetSeconds }: LimitVerdict): string {
  return `"${policy}";r=${remaining};t=${resetSeconds}`
}
