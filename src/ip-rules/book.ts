import type { IpRules } from './ip-rules.ts'

/** Rules about addresses, for code of the app: the same rules and the same record as over HTTP. */
export type IpRuleBook = Readonly<Pick<IpRules, 'list' | 'add' | 'import' | 'remove' | 'check'>>

/** The same for a security whose rooms are there once it has started. */
export function ipRuleBook(find: () => IpRules): IpRuleBook {
  return Object.freeze({
    list: async (...[query]: Parameters<IpRules['list']>) => find().list(query),
    add: async (...[rule, by]: Parameters<IpRules['add']>) => find().add(rule, by),
    import: async (...[rules, by]: Parameters<IpRules['import']>) => find().import(rules, by),
    remove: async (...[id, by]: Parameters<IpRules['remove']>) => find().remove(id, by),
    check: async (...[address]: Parameters<IpRules['check']>) => find().check(address),
  })
}
