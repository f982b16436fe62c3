import type { RequestHandler } from 'express'
import { commonErrors, type SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import { compileRouteRules, type IpRuleBook, type RouteIpRules } from '../../ip-rules/index.ts'
import { invalidGuard } from '../node/errors.ts'
import { refusalOf } from '../node/problem-of.ts'
import { markControl } from './controls.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'

/** Scopes that a route may be marked with, beside those that its path gives it. */
export type MarkedScope = 'admin' | 'auth'

/** `security.ipRules`: rules about addresses, and middleware that asks them for one route. */
export interface IpRulesVerb extends IpRuleBook {
  /**
   * Middleware: 403 `address_refused` where the rules of this scope refuse the address, or the addresses
   * that are given here. They stand beside the rules that cover the path.
   */
  (rules: MarkedScope | RouteIpRules): RequestHandler
}

type Refusal = SecurityError | undefined
type Judge = (exchange: Exchange) => Refusal | Promise<Refusal>

export function ipRulesWith(parts: Parts): IpRulesVerb {
  const { security, slot } = parts
  const middleware = (rules: MarkedScope | RouteIpRules): RequestHandler => {
    const judge = judgeOf(parts, rules)
    const tellOnce = unprotectedNotice(parts, 'ipRules')
    const asker: RequestHandler = (request, response, next) => {
      const fail = (error: unknown) => refuse(parts, { request, response }, refusalOf(error))
      const exchange = slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return fail(commonErrors.unavailable({ retryAfter: 1 }))
      }
      if (security.config.shield.ipRules === 'off') return next()
      const go = (refusal: Refusal) => {
        if (refusal && isEnforced(parts, exchange, refusal)) fail(refusal)
        else next()
      }
      const giveUp = (error: unknown) => {
        if (isTried(parts, exchange, error)) next()
        else fail(error)
      }
      const refusal = judge(exchange)
      if (refusal instanceof Promise) refusal.then(go, giveUp)
      else go(refusal)
    }
    const asked = typeof rules === 'string' ? { scope: rules } : rules
    return markControl(asker, { kind: 'ipRules', ...asked })
  }
  return Object.assign(middleware, security.ipRules)
}

function judgeOf({ security }: Parts, rules: MarkedScope | RouteIpRules): Judge {
  const watch = () => security.parts.ground.addressWatch
  if (rules === 'admin' || rules === 'auth') {
    return (exchange) => watch().judgeScope(rules, exchange)
  }
  if (typeof rules !== 'object' || rules === null) {
    throw invalidGuard("ipRules: write 'admin', 'auth' or { allow: [...], deny: [...] }")
  }
  const unknown = Object.keys(rules).find((key) => key !== 'allow' && key !== 'deny')
  if (unknown !== undefined || !(rules.allow?.length || rules.deny?.length)) {
    throw invalidGuard('ipRules({ allow, deny }): give at least one address, and nothing else')
  }
  const compiled = compileRouteRules(rules)
  return (exchange) => watch().judgeRoute(compiled, exchange)
}

/** Whether rules that could not judge are in shadow, where that is counted and nothing else. */
function isTried({ security }: Parts, exchange: Exchange, error: unknown): boolean {
  if (security.config.shield.ipRules !== 'shadow') return false
  security.parts.ground.shadow.noteUndecided(error, { control: 'ipRules', exchange })
  return true
}

/** Counts a refusal; while the rules are in shadow it is none. */
function isEnforced({ security }: Parts, exchange: Exchange, { code }: SecurityError): boolean {
  const enforced = security.config.shield.ipRules === 'on'
  security.parts.ground.shadow.note({ control: 'ipRules', rule: code, enforced, exchange })
  return enforced
}
