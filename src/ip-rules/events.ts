import type { EventDefinitions } from '../events/index.ts'
import type { IpRuleAction } from './rule.ts'

/** A denial that an allowance is an exception from; the id is null for one that code wrote. */
export interface IpRuleLifted {
  readonly ruleId: string | null
  readonly range: string
}

/** Rules that an import gave another reason or end, by those that they had. */
export interface IpRuleBefore {
  readonly reason: string | null
  readonly expiresAt: number | null
  /** How many. */
  readonly rules: number
  /** The first ten. */
  readonly ruleIds: readonly string[]
}

/** `ip_rule.added`: addresses are allowed or denied from now on. */
export interface IpRuleAdded {
  readonly ruleId: string
  readonly action: IpRuleAction
  readonly range: string
  readonly scope: string
  /** Epoch milliseconds; absent: until it is removed. */
  readonly expiresAt?: number
  /** It was there already, and has another end or reason now. */
  readonly renewed: boolean
  /** The reason and the end that it had, where it was there already. */
  readonly before?: { readonly reason: string | null; readonly expiresAt: number | null }
  /** Live denials of the scope that it is an exception from, at most twenty; absent: none. */
  readonly lifts?: readonly IpRuleLifted[]
}

/** `ip_rule.removed`: a rule about addresses holds no more. */
export interface IpRuleRemoved {
  readonly ruleId: string
  readonly action: IpRuleAction
  readonly range: string
  readonly scope: string
}

/** `ip_rules.imported`: many rules at once. */
export interface IpRulesImported {
  readonly action: IpRuleAction
  readonly scope: string
  readonly expiresAt?: number
  readonly added: number
  readonly renewed: number
  /** Of the renewed: how many end earlier than they would have. */
  readonly shortened: number
  /** What the renewed were, at most twenty kinds; absent where none has another reason or end now. */
  readonly before?: readonly IpRuleBefore[]
  /** Live denials of the scope that they are exceptions from, at most twenty; absent: none. */
  readonly lifts?: readonly IpRuleLifted[]
}

/** `address.refused`: all refusals of one client by one rule within a minute. */
export interface AddressRefused {
  /** Its address, or its network for IPv6. Absent when too many clients were refused at once. */
  readonly client?: string
  /** Whose rules refused: `all`, `admin`, `auth`, a path, or `route` for those of one route. */
  readonly scope: string
  /** By a rule that holds it, or because others are allowed there. */
  readonly why: 'denied' | 'not_allowed'
  /** The rule that denied; null for one that code wrote. */
  readonly ruleId?: string | null
  readonly range?: string
  readonly refusals: number
  /** First refusal, epoch milliseconds. */
  readonly since: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'address.refused': AddressRefused
    'ip_rule.added': IpRuleAdded
    'ip_rule.removed': IpRuleRemoved
    'ip_rules.imported': IpRulesImported
  }
}

type IpRuleEvent = 'address.refused' | 'ip_rule.added' | 'ip_rule.removed' | 'ip_rules.imported'

export const ipRuleEvents: EventDefinitions<IpRuleEvent> = {
  'address.refused': {
    severity: 'low',
    auditClass: 'security',
    keep: ['client', 'scope', 'why', 'ruleId', 'range', 'refusals', 'since'],
  },
  'ip_rule.added': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['ruleId', 'action', 'range', 'scope', 'expiresAt', 'renewed', 'before', 'lifts'],
  },
  'ip_rule.removed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['ruleId', 'action', 'range', 'scope'],
  },
  'ip_rules.imported': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['action', 'scope', 'expiresAt', 'added', 'renewed', 'shortened', 'before', 'lifts'],
  },
}
