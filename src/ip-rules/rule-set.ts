import { type Address, type Network, pathReadings } from '../http/index.ts'
import type { CompiledRule, IpRule, KnownRule } from './rule.ts'
import { type IpDenial, type IpVerdict, ScopeRules, type Supposed } from './scope-rules.ts'

/** Which of our own paths the scopes stand for. */
export interface ScopePaths {
  readonly admin: readonly string[]
  readonly auth: readonly string[]
}

/** A scope that refuses an address, and why. */
export interface ScopeDenial {
  readonly scope: string
  readonly denial: IpDenial
}

const none = new ScopeRules()

/** All rules that a node knows, by scope. Every scope that covers a request has to let it pass. */
export class RuleSet {
  readonly #scopes = new Map<string, ScopeRules>()
  readonly #byId = new Map<string, KnownRule>()
  readonly #named: ReadonlyMap<string, string>
  /** Scopes other than `all`: how often a request's path is looked at. */
  #placed = 0

  constructor(paths: ScopePaths, fixed: readonly CompiledRule[]) {
    this.#named = new Map([
      ...paths.admin.map((path) => [path.toLowerCase(), 'admin'] as const),
      ...paths.auth.map((path) => [path.toLowerCase(), 'auth'] as const),
    ])
    for (const rule of fixed) this.#enter(rule)
  }

  /** How many rules of the table there are. */
  get size(): number {
    return this.#byId.size
  }

  /** Adds a rule, in place of the one of its id. */
  put(known: KnownRule): void {
    const { id } = known.rule
    if (id === null) throw new TypeError('rules of the options are given once')
    this.drop(id)
    this.#byId.set(id, known)
    this.#enter(known)
  }

  drop(id: string): void {
    const known = this.#byId.get(id)
    if (!known) return
    this.#byId.delete(id)
    const { scope } = known.rule
    const rules = this.#scopes.get(scope)
    rules?.remove(known)
    if (scope !== 'all') this.#placed -= 1
    if (rules?.size === 0) this.#scopes.delete(scope)
  }

  get(id: string): KnownRule | undefined {
    return this.#byId.get(id)
  }

  /** The scopes with rules, in the order of their names. */
  get scopes(): readonly string[] {
    return [...this.#scopes.keys()].sort()
  }

  /** The first scope that refuses the address on this path; undefined: it may pass. */
  findRefusal(address: Address | undefined, path: string, now: number): ScopeDenial | undefined {
    if (this.#scopes.size === 0) return undefined
    const everywhere = this.#scopes.get('all')?.judge(address, now)
    if (everywhere?.allowed === false) return { scope: 'all', denial: everywhere }
    if (this.#placed === 0) return undefined
    for (const scope of this.#scopesOf(path)) {
      const verdict = this.#scopes.get(scope)?.judge(address, now)
      if (verdict?.allowed === false) return { scope, denial: verdict }
    }
    return undefined
  }

  /** Whether rules of the table, which may have changed since they were read, cover a path. */
  mayChangeAt(path: string): boolean {
    if (this.mayChange('all')) return true
    if (this.#placed === 0) return false
    return [...this.#scopesOf(path)].some((scope) => this.mayChange(scope))
  }

  mayChange(scope: string): boolean {
    return (this.#scopes.get(scope)?.ofTable ?? 0) > 0
  }

  judge(scope: string, address: Address | undefined, now: number): IpVerdict {
    return (this.#scopes.get(scope) ?? none).judge(address, now)
  }

  /** Live denials of a scope that hold the whole of a network and more. */
  denialsAround(scope: string, network: Network, now: number): readonly IpRule[] {
    return (this.#scopes.get(scope) ?? none).denialsAround(network, now)
  }

  suppose(scope: string, address: Address | undefined, now: number, change: Supposed): IpVerdict {
    return (this.#scopes.get(scope) ?? none).suppose(address, now, change)
  }

  /** The scopes below `all` that cover a path, whichever way it is read. */
  #scopesOf(path: string): ReadonlySet<string> {
    const found = new Set<string>()
    for (const reading of pathReadings(path)) {
      let end = 0
      for (let depth = 0; depth < 8 && end < reading.length; depth++) {
        const slash = reading.indexOf('/', end + 1)
        end = slash < 0 ? reading.length : slash
        const above = reading.slice(0, end)
        found.add(above)
        const named = this.#named.get(above)
        if (named !== undefined) found.add(named)
      }
    }
    return found
  }

  #enter(known: KnownRule): void {
    const { scope } = known.rule
    const rules = this.#scopes.get(scope) ?? new ScopeRules()
    this.#scopes.set(scope, rules)
    rules.add(known)
    if (scope !== 'all') this.#placed += 1
  }
}
