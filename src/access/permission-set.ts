import {
  denialCovers,
  denialMatcher,
  type PatternMatcher,
  patternCovers,
  patternMatcher,
  patternsMeet,
} from '../permissions/index.ts'
import type { HeldRule, Permissions, RulesFor } from './permissions.ts'
import type { AskedOfRule, OrganisationLimit, Reached } from './tenant-rules.ts'

const memoLimit = 512

/** A verdict on one permission, remembered. */
interface Verdict {
  readonly has: boolean
  readonly some: boolean
  readonly rules: RulesFor
}

interface Ready {
  readonly rule: HeldRule
  readonly reaches: PatternMatcher
}

/** A rule as far as somebody could hand it out. */
interface Coverable {
  readonly pattern: string
  readonly when?: HeldRule['when'] | undefined
  readonly inOrganisation?: true
}

const none: readonly never[] = Object.freeze([])
const freely = verdictOf({ allow: true, deny: none })
const never = verdictOf({ allow: none, deny: none })
const denied = verdictOf({ allow: none, deny: true })

/**
 * The permissions of one caller, compiled once: literals are a set, everything else a short list whose
 * answers are remembered, so that conditions of other permissions cost nothing.
 */
export class PermissionSet implements Permissions {
  readonly patterns: readonly string[]
  readonly denied: readonly string[]
  readonly rules: readonly HeldRule[]
  readonly #allow: readonly Ready[]
  readonly #deny: readonly Ready[]
  readonly #limit: OrganisationLimit
  readonly #literal: ReadonlySet<string>
  readonly #memo = new Map<string, Verdict>()

  /** @param limit what allowances reach that are held in an organisation; without one, nothing */
  constructor(
    allow: Iterable<string | HeldRule>,
    deny: Iterable<string | HeldRule> = [],
    limit: OrganisationLimit = () => undefined,
  ) {
    this.#limit = limit
    this.#allow = ready(allow, 'allow')
    this.#deny = ready(deny, 'deny')
    this.rules = Object.freeze([...this.#deny, ...this.#allow].map(({ rule }) => rule))
    this.patterns = patternsOf(this.#allow)
    this.denied = patternsOf(this.#deny)
    this.#literal = new Set(this.#literals())
  }

  has(permission: string): boolean {
    return this.#literal.has(permission) || this.#verdict(permission).has
  }

  some(permission: string): boolean {
    return this.#literal.has(permission) || this.#verdict(permission).some
  }

  rulesFor(permission: string): RulesFor {
    return this.#verdict(permission).rules
  }

  reaching(permission: string): readonly HeldRule[] {
    const wanted = permission.split(':')
    const all = [...this.#deny, ...this.#allow]
    return all.filter(({ reaches }) => reaches(wanted)).map(({ rule }) => rule)
  }

  inScope(): boolean {
    return true
  }

  covers(pattern: string): boolean {
    return this.#coversRule({ pattern })
  }

  coversAll(other: Permissions): boolean {
    return other.rules.every((rule) =>
      this.#coversRule(rule.effect === 'deny' ? { ...rule, when: undefined } : rule),
    )
  }

  lends(scope: string): boolean {
    const isDenied = this.#deny.some(
      ({ rule }) => rule.when === undefined && denialCovers(rule.pattern, scope),
    )
    const asked = askedBy(scope)
    const lending = this.#allow.filter(({ rule }) => patternCovers(rule.pattern, scope))
    const reaches = (rule: HeldRule) => asked.resource === '*' || this.#reached(rule, asked)
    return !isDenied && lending.some(({ rule }) => reaches(rule) !== undefined)
  }

  #coversRule({ inOrganisation, pattern, when }: Coverable): boolean {
    if (this.denied.some((deny) => patternsMeet(deny, pattern))) return false
    return this.#allow.some(({ rule }) => {
      // What is held in an organisation is less than the same held everywhere.
      if (rule.inOrganisation && !(inOrganisation && this.#givesThere(rule, pattern))) return false
      return patternCovers(rule.pattern, pattern) && (!rule.when || isSame(rule.when, when))
    })
  }

  /** What a role reaches by the name of a resource is not to be given by a wildcard that reaches less of it. */
  #givesThere({ pattern }: HeldRule, given: string): boolean {
    const asked = askedBy(given)
    return (
      this.#limit({ pattern: given }, asked) === undefined ||
      this.#limit({ pattern }, asked) !== undefined
    )
  }

  /** The rows of a resource that a rule of ours reaches. */
  #reached(rule: HeldRule, asked: AskedOfRule): Reached {
    const isLimited = rule.inOrganisation && rule.effect === 'allow'
    return isLimited ? this.#limit(rule, asked) : (rule.condition ?? 'always')
  }

  /** Permissions that are allowed by their very name, for every row, and that no denial touches. */
  #literals(): string[] {
    const plain = this.#allow.filter(
      ({ rule }) => !rule.when && !rule.inOrganisation && !rule.pattern.includes('*'),
    )
    const names = plain.map(({ rule }) => rule.pattern)
    return names.filter((name) => !this.#deny.some(({ reaches }) => reaches(name.split(':'))))
  }

  #verdict(permission: string): Verdict {
    const known = this.#memo.get(permission)
    if (known !== undefined) return known
    const verdict = this.#decide(permission.split(':'))
    if (this.#memo.size < memoLimit) this.#memo.set(permission, verdict)
    return verdict
  }

  #decide(wanted: readonly string[]): Verdict {
    const deny = this.#reachedBy(this.#deny, wanted)
    if (deny === true) return denied
    const allow = this.#reachedBy(this.#allow, wanted)
    if (allow === true && deny.length === 0) return freely
    if (allow !== true && allow.length === 0) return never
    return verdictOf({ allow, deny })
  }

  /** The conditions under which one of these rules reaches it; `true` as soon as one does without. */
  #reachedBy(rules: readonly Ready[], wanted: readonly string[]): RulesFor['allow'] {
    const [action = '', resource = ''] = wanted
    const conditions = []
    for (const { reaches, rule } of rules) {
      if (!reaches(wanted)) continue
      const condition = this.#reached(rule, { action, resource })
      if (condition === 'always') return true
      if (condition) conditions.push(condition)
    }
    return conditions
  }
}

function verdictOf({ allow, deny }: RulesFor): Verdict {
  const some = deny !== true && (allow === true || allow.length > 0)
  const has = allow === true && deny !== true && deny.length === 0
  return Object.freeze({ has, some, rules: Object.freeze({ allow, deny }) })
}

function ready(rules: Iterable<string | HeldRule>, effect: HeldRule['effect']): readonly Ready[] {
  return [...rules].map((written) => {
    const rule = typeof written === 'string' ? plainRule(written, effect) : written
    const matcher = effect === 'deny' ? denialMatcher : patternMatcher
    return { rule, reaches: matcher(rule.pattern) }
  })
}

function askedBy(pattern: string): AskedOfRule {
  const [action = '*', resource = '*'] = pattern.split(':')
  return { action, resource }
}

function plainRule(pattern: string, effect: HeldRule['effect']): HeldRule {
  return Object.freeze({ pattern, effect, role: '', through: none })
}

function patternsOf(rules: readonly Ready[]): readonly string[] {
  return Object.freeze([...new Set(rules.map(({ rule }) => rule.pattern))].sort())
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
