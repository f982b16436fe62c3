import type { RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import { requireAuth } from '../../shield/index.ts'
import { tellMissing } from '../node/missing.ts'
import { refusalOf } from '../node/problem-of.ts'
import { invalidGuard } from './errors.ts'
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

/** What a guard does beside deciding. */
export interface GuardOptions extends UseOptions {
  /** Records each use of the route under this action, with status and duration, also when aborted. */
  readonly audit?: string
}

/**
 * States the policy of a route. What is no permission, role or resource throws `guard_invalid` where
 * the route is written.
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
    gateOf(parts, guardRule(asked, config), options)
  const resource = (name: string, options?: GuardOptions) =>
    gateOf(parts, resourceRule(name), options)
  return Object.assign(guard, { resource })
}

/** Lets pass everyone who is signed in. */
export function authenticateWith(parts: Parts): PolicyHandler {
  return gateOf(parts, Object.freeze({ kind: 'signed-in' }))
}

function gateOf(parts: Parts, rule: RoutePolicyMark, options: GuardOptions = {}): PolicyHandler {
  const { audit } = options
  if (audit !== undefined) checkAction(audit)
  const recorder = audit === undefined ? undefined : new UseRecorder(parts.security, audit, options)
  const tellOnce = unprotectedNotice(parts, nameOf(rule))
  const handler: RequestHandler = (request, response, next) => {
    if (request === undefined) throw calledWithoutRequest(rule)
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
  return markGate(handler, rule)
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
  rule: RoutePolicyMark,
  { exchange, ...at }: Pair & { readonly exchange: Exchange },
): boolean {
  try {
    enforceRule(rule, requireAuth(exchange), at.request.method)
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
