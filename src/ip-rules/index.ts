export { type IpRuleBook, ipRuleBook } from './book.ts'
export { ipRuleErrors } from './errors.ts'
export {
  type AddressRefused,
  type IpRuleAdded,
  type IpRuleBefore,
  type IpRuleLifted,
  type IpRuleRemoved,
  type IpRulesImported,
  ipRuleEvents,
} from './events.ts'
export { compileRouteRules, fixedRules, type RouteIpRules } from './fixed-rules.ts'
export {
  type IpCheck,
  type IpRuleBy,
  type IpRuleImport,
  type IpRuleImportResult,
  type IpRulePage,
  type IpRuleQuery,
  IpRules,
  type IpRulesParts,
} from './ip-rules.ts'
export { AddressRefusals } from './refusals.ts'
export { ipRuleRoutes } from './routes.ts'
export { type IpRule, type IpRuleAction, type NewIpRule, readScope } from './rule.ts'
export { RuleCopy, type RuleCopyParts } from './rule-copy.ts'
export type { ScopePaths } from './rule-set.ts'
export { type IpVerdict, ScopeRules } from './scope-rules.ts'
export { type IpRuleRow, ipRuleMigrations } from './table.ts'
export { AddressWatch, type AddressWatchParts } from './watch.ts'
