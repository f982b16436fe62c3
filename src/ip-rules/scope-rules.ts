import { type Address, type Network, wordsOf } from '../http/index.ts'
import { liesIn, PrefixTrie } from './prefix-trie.ts'
import type { CompiledRule, IpRule, KnownRule } from './rule.ts'

/** Why an address may pass, or may not. */
export type IpVerdict =
  | { readonly allowed: true; readonly why: 'no_rule' }
  /** `rule` decided. */
  | { readonly allowed: true; readonly why: 'allowed'; readonly rule: IpRule }
  | { readonly allowed: false; readonly why: 'denied'; readonly rule: IpRule }
  /** Others are allowed here, and this address is not. */
  | { readonly allowed: false; readonly why: 'not_allowed' }

/** Why an address may not pass. */
export type IpDenial = Extract<IpVerdict, { readonly allowed: false }>

/** A change that is thought of and not made. */
export interface Supposed {
  readonly added?: readonly CompiledRule[]
  readonly removed?: ReadonlySet<IpRule>
}

const free: IpVerdict = Object.freeze({ allowed: true, why: 'no_rule' })
const closed: IpVerdict = Object.freeze({ allowed: false, why: 'not_allowed' })

/**
 * The rules of one scope. Of the live rules that hold an address the one with the longest prefix decides,
 * a denial where two are as long. Where there is a rule that allows, whoever no rule holds is refused.
 * Such a scope stays closed when its last allowance has ended by time: nothing opens by itself.
 */
export class ScopeRules {
  readonly #tries = { ipv4: new PrefixTrie<IpRule>('ipv4'), ipv6: new PrefixTrie<IpRule>('ipv6') }
  #allowances = 0
  #unread = 0
  #ofTable = 0
  readonly #denials = new Set<IpRule>()
  /** When the last denial ends; undefined: to be looked up. */
  #deniesUntil: number | undefined

  get size(): number {
    return this.#tries.ipv4.size + this.#tries.ipv6.size + this.#unread
  }

  /** How many of them are no rules of the options, and may change. */
  get ofTable(): number {
    return this.#ofTable
  }

  /** A rule without a network holds nobody; one that allows still closes the scope. */
  add({ network, rule }: KnownRule): void {
    if (network) this.#tries[network.family].add(network, rule)
    else this.#unread += 1
    if (rule.id !== null) this.#ofTable += 1
    if (rule.action === 'allow') this.#allowances += 1
    else this.#denials.add(rule)
    this.#deniesUntil = undefined
  }

  /** Takes away a rule that was added, and was not taken away before where it has no network. */
  remove({ network, rule }: KnownRule): void {
    if (network && !this.#tries[network.family].remove(network, rule)) return
    if (!network) this.#unread -= 1
    if (rule.id !== null) this.#ofTable -= 1
    if (rule.action === 'allow') this.#allowances -= 1
    else this.#denials.delete(rule)
    this.#deniesUntil = undefined
  }

  /**
   * What the rules say of an address at `now`; undefined is the address of a socket that has none. It may
   * be any, so it passes only where nobody is denied and nobody allowed by name.
   */
  judge(address: Address | undefined, now: number): IpVerdict {
    if (!address) return this.#allowances > 0 || this.#latestDenial() > now ? closed : free
    const found = this.#tries[address.family].find(wordsOf(address))
    for (let at = found.length - 1; at >= 0; at--) {
      const rule = decider(found[at] ?? [], now)
      if (rule) return verdictBy(rule)
    }
    return this.#allowances > 0 ? closed : free
  }

  /** Live denials that hold the whole of a network and more: an allowance for it is an exception from them. */
  denialsAround({ family, length, words }: Network, now: number): readonly IpRule[] {
    const found = this.#tries[family].find(words).flat()
    return found.filter(
      (rule) => rule.action === 'deny' && isLive(rule, now) && lengthOf(rule) < length,
    )
  }

  /** The same if `change` had been made. */
  suppose(
    address: Address | undefined,
    now: number,
    { added = [], removed = new Set() }: Supposed,
  ): IpVerdict {
    if (!address) {
      const denials = [...this.#denials].filter((rule) => !removed.has(rule))
      const denies = [...denials, ...added.map(({ rule }) => rule)].some(
        (rule) => rule.action === 'deny' && isLive(rule, now),
      )
      return denies ? closed : this.#openness(added, removed)
    }
    const words = wordsOf(address)
    const kept = this.#tries[address.family].find(words).flat()
    const fresh = added.filter(({ network }) => liesIn(network, words))
    const rules = [...kept.filter((rule) => !removed.has(rule)), ...fresh.map(({ rule }) => rule)]
    const longest = rules
      .filter((rule) => isLive(rule, now))
      .toSorted((one, other) => lengthOf(other) - lengthOf(one) || order(one) - order(other))[0]
    if (longest) return verdictBy(longest)
    return this.#openness(added, removed)
  }

  /** The verdict on whom no rule holds, if these rules had come and gone. */
  #openness(added: readonly CompiledRule[], removed: ReadonlySet<IpRule>): IpVerdict {
    const gone = [...removed].filter(({ action }) => action === 'allow').length
    const come = added.filter(({ rule }) => rule.action === 'allow').length
    return this.#allowances - gone + come > 0 ? closed : free
  }

  #latestDenial(): number {
    if (this.#deniesUntil !== undefined) return this.#deniesUntil
    let latest = Number.NEGATIVE_INFINITY
    for (const { expiresAt } of this.#denials) {
      latest = Math.max(latest, expiresAt ?? Number.POSITIVE_INFINITY)
    }
    this.#deniesUntil = latest
    return latest
  }
}

/** Of rules for one range: the denial that lives, else an allowance that does. */
function decider(rules: readonly IpRule[], now: number): IpRule | undefined {
  let allowance: IpRule | undefined
  for (const rule of rules) {
    if (!isLive(rule, now)) continue
    if (rule.action === 'deny') return rule
    allowance = rule
  }
  return allowance
}

function isLive({ expiresAt }: IpRule, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

function verdictBy(rule: IpRule): IpVerdict {
  return rule.action === 'allow'
    ? { allowed: true, why: 'allowed', rule }
    : { allowed: false, why: 'denied', rule }
}

function lengthOf({ range }: IpRule): number {
  return Number(range.slice(range.indexOf('/') + 1))
}

function order({ action }: IpRule): number {
  return action === 'deny' ? 0 : 1
}
