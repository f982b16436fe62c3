import { accessErrors, permissionLacking } from '../access/index.ts'
import type { Auth, Exchange, RoutePolicy } from '../http/index.ts'
import { challenges } from '../sessions/index.ts'
import { proofRequired } from './proof-required.ts'

/** The caller of a request, or the 401 (503 while undecidable) that says why there is none. */
export function requireAuth(exchange: Exchange): Auth {
  const { auth, failure } = exchange.state
  if (auth) return auth
  throw failure ?? accessErrors.authentication_required({ headers: challenges.required })
}

/**
 * Throws unless the caller meets the policy of the route. Who is asked first, then the level that
 * policy demands of the account, unless the route is for whoever is below it, then the permission.
 */
export function enforcePolicy(exchange: Exchange, policy: RoutePolicy): void {
  if (policy.kind === 'public') return
  const auth = requireAuth(exchange)
  if (policy.kind === 'signed-in') demandSession(auth)
  if (policy.kind === 'signed-in' && policy.anyLevel) return
  demandOwnLevel(auth)
  if (policy.kind === 'signed-in') return
  const { permission } = policy
  const isInside = policy.kind !== 'member' || auth.organisation !== undefined
  if (isInside && (permission === undefined || auth.can(permission) === true)) return
  throw permission === undefined ? accessErrors.forbidden() : permissionLacking(auth, permission)
}

/**
 * Throws 403 `session_required` for an API key, which is not the person who owns it: it has no account
 * to show, no roles, and nothing to prove who is there with.
 */
export function demandSession(auth: Auth): void {
  if (auth.keyId !== undefined) throw accessErrors.session_required()
}

/**
 * Throws 401 `step_up_required` for a session below the level that policy demands of its account:
 * there no permission and no role counts, and whether one is held is not told.
 */
export function demandOwnLevel(auth: Auth): void {
  if (auth.level >= auth.requiredLevel) return
  demandSession(auth)
  throw proofRequired(auth, { level: auth.requiredLevel })
}

const skewMs = 60_000

/** What proof a route asks for beside its policy. */
export interface ProofRule {
  /** Age of the last proof at most. Absent: of any age. */
  readonly withinMs?: number
  /** Level of the session at least. */
  readonly level?: 1 | 2
}

/** A rule with the instant at which it is asked. */
export interface StepUpRule extends ProofRule {
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * Throws 401 `step_up_required`, with the challenge of RFC 9470 section 3, unless the caller's proof
 * is as fresh and of the level that the rule asks for. Where the account has a second factor, a fresh
 * proof is one of level 2. A proof from further in the future than clocks of nodes differ, by a clock
 * set back, counts for nothing. An API key proves nothing anew: 403 `session_required`.
 */
export function enforceStepUp(exchange: Exchange, rule: StepUpRule): void {
  demandFreshProof(requireAuth(exchange), rule)
}

/** As `enforceStepUp`, for what is called without HTTP. */
export function demandFreshProof(auth: Auth, { level = 1, now, withinMs }: StepUpRule): void {
  const fresh = withinMs !== undefined
  if (fresh) demandSession(auth)
  const needed = fresh && auth.secondFactor ? 2 : level
  const isFresh = !fresh || isWithin(now - auth.authTime, withinMs)
  if (isFresh && auth.level >= needed) return
  demandSession(auth)
  throw proofRequired(auth, { level: needed, ...(fresh ? { withinMs } : {}) })
}

function isWithin(age: number, withinMs: number): boolean {
  return age >= -skewMs && age <= withinMs
}
