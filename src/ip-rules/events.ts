import type { EventDefinitions } from '../events/index.ts'
import type { IpRuleAction } from './rule.ts'

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
}

declare module '../events/event.ts' {
  interface EventMap {
    'ip_rule.added': IpRuleAdded
    'ip_rule.removed': IpRuleRemoved
    'ip_rules.imported': IpRulesImported
  }
}

type IpRuleEvent = 'ip_rule.added' | 'ip_rule.removed' | 'ip_rules.imported'

export const ipRuleEvents: EventDefinitions<IpRuleEvent> = {
  'ip_rule.added': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['ruleId', 'action', 'range', 'scope', 'expiresAt', 'renewed', 'before'],
  },
  'ip_rule.removed': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['ruleId', 'action', 'range', 'scope'],
  },
  'ip_rules.imported': {
    severity: 'warning',
    auditClass: 'security',
    keep: ['action', 'scope', 'expiresAt', 'added', 'renewed', 'shortened'],
  },
}
