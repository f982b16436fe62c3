import type {
  IpCheck,
  IpRuleBy,
  IpRuleImport,
  IpRuleImportResult,
  IpRulePage,
  IpRuleQuery,
  IpRules,
} from './ip-rules.ts'
import type { IpRule, NewIpRule } from './rule.ts'

/** Rules about addresses, for code of the app: the same rules and the same record as over HTTP. */
export interface IpRuleBook {
  /** The rules, the oldest first. */
  list(query?: IpRuleQuery): Promise<IpRulePage>
  /**
   * Makes a rule; one for the same range, scope and action gets the new end and reason instead. Rejects with
   * `ip_rule_invalid`, `ip_rule_locks_you_out`, `ip_rule_would_end` and `ip_rules_full`.
   */
  add(rule: NewIpRule, by?: IpRuleBy): Promise<IpRule>
  /** Makes a rule of each line, all or none; rejects as `add` does, with a fault for each bad line. */
  import(rules: IpRuleImport, by?: IpRuleBy): Promise<IpRuleImportResult>
  /** Ends a rule, which it answers. Rejects with `ip_rule_not_found` and `ip_rule_locks_you_out`. */
  remove(id: string, by?: IpRuleBy): Promise<IpRule>
  /** What the rules say of an address now; undefined for what is none. */
  check(address: string): Promise<IpCheck | undefined>
}

/** The book of a security whose rooms are there once it has started. */
export function ipRuleBook(find: () => IpRules): IpRuleBook {
  return Object.freeze<IpRuleBook>({
    list: async (query) => find().list(query),
    add: async (rule, by) => find().add(rule, by),
    import: async (rules, by) => find().import(rules, by),
    remove: async (id, by) => find().remove(id, by),
    check: async (address) => find().check(address),
  })
}
