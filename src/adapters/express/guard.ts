import type { RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { admit } from './admit.ts'
import type { Asking, GateRule } from './decide.ts'
import { type CheckedOptions, checkedOptions, type GuardOptions, termsOf } from './guard-options.ts'
import { guardRule, type RoleGuard, resourceRule } from './guard-rule.ts'
import { refuse } from './refuse.ts'
import { RowsExpected } from './rows-unchecked.ts'
import { markGate, type Parts, type PolicyHandler, type RoutePolicyMark } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'
import { UseRecorder } from './use-recorder.ts'

/**
 * States the policy of a route. What is no permission, role, resource or option throws `guard_invalid`
 * where the route is written. In this order: 401 without a session; 401 `step_up_required` below the
 * level that policy demands of the account; 403 without the permission; 401 `step_up_required` for a
 * proof that is too old or too low for the route. So nobody is asked to prove what would not help, and
 * whoever gets no further than a level learns nothing about permissions. An object is asked about
 * between permission and proof. An API key is 403 `session_required` wherever roles or proofs are
 * asked for, which only people have.
 */
export interface Guard {
  /** Lets pass whoever holds the permission; 401 without a session, 403 without the permission. */
  (permission: string | RoleGuard, options?: GuardOptions): PolicyHandler
  /** GET reads, POST, PUT and PATCH write, DELETE deletes `resource`. */
  resource(resource: string, options?: GuardOptions): PolicyHandler
}

export function guardWith(parts: Parts): Guard {
  const { config } = parts.security
  const guard = (asked: string | RoleGuard, options?: GuardOptions) => {
    const rule = guardRule(asked, config)
    return gateOf(parts, rule, checkedOptions('guard', rule, options))
  }
  const resource = (name: string, options?: GuardOptions) => {
    const rule = resourceRule(name, config)
    return gateOf(parts, rule, checkedOptions('guard.resource', rule, options))
  }
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

function gateOf(
  parts: Parts,
  policy: RoutePolicyMark,
  { options, proof }: CheckedOptions,
): PolicyHandler {
  const asked: RoutePolicyMark = Object.freeze({ ...policy, ...termsOf(options) })
  const rule: GateRule = { asked, proof, options }
  const { audit } = options
  const recorder = audit === undefined ? undefined : new UseRecorder(parts, audit, options)
  const rows = options.rows && new RowsExpected(parts)
  const tellOnce = unprotectedNotice(parts, nameOf(asked))
  const handler: RequestHandler = (request, response, next) => {
    if (request === undefined) throw calledWithoutRequest(asked)
    const exchange = parts.slot.get(request)
    if (!exchange) {
      // No decision was taken on this request: Holdfast is not mounted before the guard.
      tellOnce(request)
      return refuse(parts, { request, response }, commonErrors.unavailable({ retryAfter: 1 }))
    }
    const at: Asking = { request, response, exchange }
    recorder?.watch(exchange, at)
    admit(parts, rule, { ...at, next, rows })
  }
  return markGate(handler, asked)
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
