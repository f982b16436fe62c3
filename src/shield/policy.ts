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
