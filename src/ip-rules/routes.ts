import { idParams } from '../contract.ts'
import {
  ipCheck,
  ipCheckQuery,
  ipRule,
  ipRuleEndBody,
  ipRuleImportBody,
  ipRuleImported,
  ipRulePage,
  ipRuleQuery,
  newIpRuleBody,
} from '../contract-ip-rules.ts'
import { type Auth, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { ipRuleErrors } from './errors.ts'
import type { IpRuleBy, IpRules } from './ip-rules.ts'

export interface IpRuleRouteParts {
  readonly ipRules: IpRules
  /** First segment of the administration, for example `/admin`. */
  readonly path: string
}

interface Caller {
  readonly auth: Auth | undefined
  readonly exchange: Exchange
}

const reads = { kind: 'permission', permission: 'read:security:ip-rules' } as const
const writes = { kind: 'permission', permission: 'write:security:ip-rules' } as const
const mayEnd = 'delete:security:ip-rules'
const ends = { kind: 'permission', permission: mayEnd } as const
const writeProblems = [
  'ip_rule_invalid',
  'ip_rule_locks_you_out',
  'ip_rule_would_end',
  'ip_rules_full',
] as const

/** Rules about addresses: read, made, brought in, ended, asked. */
export function ipRuleRoutes(parts: IpRuleRouteParts): readonly Route[] {
  return [
    listRoute(parts),
    checkRoute(parts),
    addRoute(parts),
    importRoute(parts),
    removeRoute(parts),
  ]
}

function listRoute({ ipRules, path }: IpRuleRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/ip-rules`,
    summary: 'Rules about addresses, the oldest first',
    policy: reads,
    query: ipRuleQuery,
    responses: { 200: { description: 'Rules, and those of the options', schema: ipRulePage } },
    handle: async ({ query }) => ({ status: 200, json: await ipRules.list(query) }),
  })
}

function checkRoute({ ipRules, path }: IpRuleRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/ip-rules/check`,
    summary: 'What the rules say of an address',
    policy: reads,
    query: ipCheckQuery,
    responses: { 200: { description: 'The verdict of each scope', schema: ipCheck } },
    problems: ['ip_rule_invalid'],
    handle: async ({ query }) => {
      const json = await ipRules.check(query.address)
      if (json) return { status: 200, json }
      const detail = 'It is no address.'
      throw ipRuleErrors.ip_rule_invalid({
        faults: [{ pointer: '#/query/address', code: 'ip_rule_invalid', detail }],
      })
    },
  })
}

function addRoute({ ipRules, path }: IpRuleRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/ip-rules`,
    summary: 'Allow or deny an address or a range; one that is there gets the new end and reason',
    policy: writes,
    stepUp: true,
    body: newIpRuleBody,
    responses: { 201: { description: 'The rule', schema: ipRule } },
    problems: writeProblems,
    handle: async ({ auth, body, exchange }) => {
      const { force, reason, ...rule } = body
      const by = byCaller({ auth, exchange }, { force, reason })
      return { status: 201, json: await ipRules.add(rule, by) }
    },
  })
}

function importRoute({ ipRules, path }: IpRuleRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/ip-rules/import`,
    summary: 'Allow or deny up to 1,000 addresses and ranges at once, all or none',
    policy: writes,
    stepUp: true,
    body: ipRuleImportBody,
    responses: { 200: { description: 'How many are new', schema: ipRuleImported } },
    problems: writeProblems,
    handle: async ({ auth, body, exchange }) => {
      const { force, reason, ...rules } = body
      const by = byCaller({ auth, exchange }, { force, reason })
      return { status: 200, json: await ipRules.import(rules, by) }
    },
  })
}

function removeRoute({ ipRules, path }: IpRuleRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${path}/ip-rules/{id}`,
    summary: 'End a rule about addresses',
    policy: ends,
    stepUp: true,
    params: idParams,
    body: ipRuleEndBody,
    responses: { 204: { description: 'Ended' } },
    problems: ['ip_rule_not_found', 'ip_rule_locks_you_out'],
    handle: async ({ auth, body, exchange, params }) => {
      await ipRules.remove(params.id, byCaller({ auth, exchange }, body))
      return { status: 204 }
    },
  })
}

/** Who asks, from which address (nobody locks themselves out unawares), and whether they may end rules. */
function byCaller(
  { auth, exchange }: Caller,
  { force, reason }: { readonly force: boolean; readonly reason: string },
): IpRuleBy {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  return {
    actor: { kind: 'user', id: auth.userId },
    origin: originOf(exchange),
    ...{ from: exchange.state.client?.ip, force, reason },
    mayShorten: auth.can(mayEnd) === true,
  }
}
