import type { RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import {
  demandFreshProof,
  type ProofOptions,
  type ProofRule,
  readProofOptions,
  requireAuth,
} from '../../shield/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { tellMissing } from '../node/missing.ts'
import { refusalOf } from '../node/problem-of.ts'
import { enforceRule, guardRule, type RoleGuard, resourceRule } from './guard-rule.ts'
import { refuse } from './refuse.ts'
import {
  markGate,
  type Pair,
  type Parts,
  type PolicyHandler,
  type RoutePolicyMark,
} from './types.ts'
import { unprotectedNotice } from './unprotected.ts'
import { checkAction, type UseOptions, UseRecorder } from './use-recorder.ts'

/** What a guard asks for beside a permission, and what it does beside deciding. */
export interface GuardOptions extends UseOptions, ProofOptions {
  /** Records each use of the route under this action, with status and duration, also when aborted. */
  readonly audit?: string
}

/**
 * States the policy of a route. What is no permission, role, resource or option throws `guard_invalid`
 * where the route is written. In this order: 401 without a session; 401 `step_up_required` below the
 * level that policy demands of the account; 403 without the permission; 401 `step_up_required` for a
 * proof that is too old or too low for the route. So nobody is asked to prove what would not help, and
 * whoever gets no further than a level learns nothing about permissions.
 */
export interface Guard {
  /** Lets pass whoever holds the permission; 401 without a session, 403 without the permission. */
  (permission: string | RoleGuard, options?: GuardOptions): PolicyHandler
  /** GET reads, POST, PUT and PATCH write, DELETE deletes `resource`. */
  resource(resource: string, options?: GuardOptions): PolicyHandler
}

export function guardWith(parts: Parts): Guard {
  const { config } = parts.security
  const guard = (asked: string | RoleGuard, options?: GuardOptions) =>
    gateOf(parts, guardRule(asked, config), checkedOptions('guard', options))
  const resource = (name: string, options?: GuardOptions) =>
    gateOf(parts, resourceRule(name), checkedOptions('guard.resource', options))
  return Object.assign(guard, { resource })
}

/** Policy of a route for anybody who is signed in; 401 `step_up_required` below the level of the account. */
export interface Authenticate extends PolicyHandler {
  /**
   * The same also for sessions below the level that policy demands of the account: for what leads a
   * person to enrolment or a proof, and shows nothing else.
   */
  readonly anyLevel: PolicyHandler
}

/** Lets pass everyone who is signed in. */
export function authenticateWith(parts: Parts): Authenticate {
  const none = { options: {}, proof: {} }
  const strict = gateOf(parts, Object.freeze({ kind: 'signed-in' }), none)
  const anyLevel = gateOf(parts, Object.freeze({ kind: 'signed-in', anyLevel: true }), none)
  return Object.assign(strict, { anyLevel })
}

interface CheckedOptions {
  readonly options: GuardOptions
  readonly proof: ProofRule
}

function checkedOptions(verb: string, options: GuardOptions = {}): CheckedOptions {
  const read = readProofOptions(options, ['audit', 'resource'])
  if (read.ok) return { options, proof: read.rule }
  throw invalidGuard(`${verb}(..., options): ${read.fault}`)
}

function gateOf(
  parts: Parts,
  asked: RoutePolicyMark,
  { options, proof }: CheckedOptions,
): PolicyHandler {
  const { audit, level, within } = options
  const rule: GateRule = { asked, proof }
  if (audit !== undefined) checkAction(audit)
  const recorder = audit === undefined ? undefined : new UseRecorder(parts.security, audit, options)
  const tellOnce = unprotectedNotice(parts, nameOf(asked))
  const handler: RequestHandler = (request, response, next) => {
    if (request === undefined) throw calledWithoutRequest(asked)
    const at = { request, response }
    const exchange = parts.slot.get(request)
    if (!exchange) {
      // No decision was taken on this request: Holdfast is not mounted before the guard.
      tellOnce(request)
      return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
    }
    recorder?.watch(exchange, at)
    if (passes(parts, rule, { ...at, exchange })) next()
  }
  const written = { ...(within ? { within } : {}), ...(level ? { level } : {}) }
  return markGate(handler, Object.freeze({ ...asked, ...written }))
}

interface GateRule {
  readonly asked: RoutePolicyMark
  readonly proof: ProofRule
}

/** How a policy is written, for messages. */
function nameOf({ kind }: RoutePolicyMark): string {
  return kind === 'signed-in' ? 'authenticate' : 'guard'
}

/** `authenticate()` where `authenticate` was meant: there is no such call with types, but there is without. */
function calledWithoutRequest(rule: RoutePolicyMark): Error {
  return rule.kind === 'signed-in'
    ? invalidGuard('authenticate is itself the policy: write it without ()')
    : invalidGuard('guard(...) gives the policy: write it without a second ()')
}

/** False once it has refused. Whatever breaks while deciding refuses too. */
function passes(
  parts: Parts,
  { asked, proof }: GateRule,
  { exchange, ...at }: Pair & { readonly exchange: Exchange },
): boolean {
  try {
    const auth = requireAuth(exchange)
    enforceRule(asked, auth, at.request.method)
    demandFreshProof(auth, { ...proof, now: parts.security.config.clock.now() })
    return true
  } catch (error) {
    const refusal = refusalOf(error)
    tellMissing(parts.security, exchange, refusal)
    if (refusal !== error) {
      const { requestId } = exchange
      parts.security.config.logger.error('a guard could not decide', { requestId, error })
    }
    refuse(parts, at, refusal)
    return false
  }
}
