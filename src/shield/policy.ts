import { accessErrors } from '../access/index.ts'
import type { Auth, Exchange, RoutePolicy } from '../http/index.ts'
import { challenges } from '../sessions/index.ts'

/** The caller of a request, or the 401 (503 while undecidable) that says why there is none. */
export function requireAuth(exchange: Exchange): Auth {
  const { auth, failure } = exchange.state
  if (auth) return auth
  throw failure ?? accessErrors.authentication_required({ headers: challenges.required })
}

/** Throws unless the caller meets the policy of the route. */
export function enforcePolicy(exchange: Exchange, policy: RoutePolicy): void {
  if (policy.kind === 'public') return
  const auth = requireAuth(exchange)
  if (policy.kind !== 'permission' || auth.can(policy.permission)) return
  const explanation = `the caller lacks the permission ${policy.permission}`
  throw accessErrors.forbidden({ explanation })
}

const skewMs = 60_000

/** How recent a proof must be for routes with `stepUp`. */
export interface StepUpRule {
  readonly now: number
  readonly withinMs: number
}

/**
 * Throws 401 `step_up_required`, with the challenge of RFC 9470 section 3, unless the caller proved
 * who they are within `withinMs`. A proof from further in the future than clocks of nodes differ, by
 * a clock set back, counts for nothing.
 */
export function enforceStepUp(exchange: Exchange, rule: StepUpRule): void {
  demandFreshProof(requireAuth(exchange), rule)
}

/** As `enforceStepUp`, for what is called without HTTP. */
export function demandFreshProof({ authTime }: Auth, { now, withinMs }: StepUpRule): void {
  const age = now - authTime
  if (age >= -skewMs && age <= withinMs) return
  const maxAge = Math.floor(withinMs / 1000)
  const challenge = `Bearer error="insufficient_user_authentication", error_description="A more recent proof is required", max_age="${maxAge}"`
  throw accessErrors.step_up_required({
    headers: { 'www-authenticate': challenge },
    members: { maxAge },
  })
}
