import type { IpRuleConfig } from '../config/index.ts'
import { readNetwork } from '../http/index.ts'
import { ipRuleErrors } from './errors.ts'
import type { CompiledRule, IpRuleAction } from './rule.ts'
import { ScopeRules } from './scope-rules.ts'

/** The rules of the option `ipRules`. Throws `ip_rule_invalid`, which names the entry. */
export function fixedRules({ admin, allow, deny }: IpRuleConfig): readonly CompiledRule[] {
  return [
    ...allow.map((range) => fixedRule('allow', range, 'all')),
    ...deny.map((range) => fixedRule('deny', range, 'all')),
    ...admin.map((range) => fixedRule('allow', range, 'admin')),
  ]
}

/** Stands for the rules of one route, where scopes are told. */
export const routeScope = 'route'

/** Addresses that one route allows or denies, beside the rules of all. */
export interface RouteIpRules {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}

/** Compiles the rules of one route. Throws `ip_rule_invalid`, which names the entry. */
export function compileRouteRules({ allow = [], deny = [] }: RouteIpRules): ScopeRules {
  const rules = new ScopeRules()
  for (const range of allow) rules.add(fixedRule('allow', range, routeScope))
  for (const range of deny) rules.add(fixedRule('deny', range, routeScope))
  return rules
}

function fixedRule(action: IpRuleAction, range: string, scope: string): CompiledRule {
  const read = readNetwork(range)
  if (!read.ok) {
    const explanation = `ipRules: ${JSON.stringify(range.slice(0, 100))} ${read.problem}`
    throw ipRuleErrors.ip_rule_invalid({ explanation })
  }
  const { network } = read
  const rule = {
    ...{ id: null, action, range: network.text, scope, reason: null },
    ...{ createdBy: null, createdAt: 0, expiresAt: null },
  }
  return { rule, network }
}
