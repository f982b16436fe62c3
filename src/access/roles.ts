import {
  type CheckedRole,
  checkRole,
  type RoleDefinition,
  type RoleFault,
  type RoleRules,
  systemRoles,
  Vocabulary,
  type VocabularyOptions,
} from '../permissions/index.ts'
import { accessErrors } from './errors.ts'
import { organisationRules } from './organisation-rules.ts'
import { PermissionSet } from './permission-set.ts'
import type { HeldRule } from './permissions.ts'
import {
  type Definitions,
  heirsOf,
  inheritanceFaults,
  isWhole,
  lostRole,
  roleNameFault,
  rulesOfRole,
} from './role-tree.ts'
import { type OrganisationLimit, organisationLimit } from './tenant-rules.ts'

/** What beside the roles themselves decides what they hold. The configuration's `access` has it all. */
export interface RoleSettings extends VocabularyOptions {
  /** Its holders are beyond denials: nobody disarms them by giving them a role. */
  readonly superAdminRole?: string
}

/** A mistake in a role, with its place. */
export interface RoleMistake extends RoleFault {
  readonly role: string
}

/** Everything that follows from the roles of one moment; replaced as a whole. */
interface Edition {
  readonly definitions: Definitions
  readonly rules: ReadonlyMap<string, RoleRules>
  /** What roles held together permit, by their names. */
  readonly sets: Map<string, PermissionSet>
  /** Roles that inherit others, by the names of those. */
  readonly heirs: Map<string, readonly string[]>
}

const setLimit = 10_000

/** All roles of an installation, checked and compiled when it starts; administrators add others as it runs. */
export class RoleBook {
  readonly vocabulary: Vocabulary
  readonly superAdminRole: string
  readonly #fixed: Definitions
  readonly #fixedRules: ReadonlyMap<string, RoleRules>
  /** What was made of definitions, so that ten thousand of them are not read anew for each change of one. */
  readonly #checked = new WeakMap<RoleDefinition, CheckedRole>()
  #edition: Edition

  /** @param own roles of the app, beside or instead of the system's */
  constructor(own: Readonly<Record<string, RoleDefinition>> = {}, settings: RoleSettings = {}) {
    this.vocabulary = new Vocabulary(settings)
    this.superAdminRole = settings.superAdminRole ?? 'super_admin'
    this.#fixed = new Map(Object.entries({ ...systemRoles, ...own }))
    const { mistakes, rules } = this.#check(this.#fixed, this.#fixed)
    this.#fixedRules = rules
    const [first] = mistakes
    if (first) {
      const explanation = `role '${first.role}': ${first.path} ${first.problem}`
      throw accessErrors.role_invalid({ explanation })
    }
    this.#edition = { definitions: this.#fixed, rules, sets: new Map(), heirs: new Map() }
  }

  /** Every role: the system's, the app's, and those that administrators made. */
  get names(): readonly string[] {
    return [...this.#edition.definitions.keys()]
  }

  has(name: string): boolean {
    return this.#edition.definitions.has(name)
  }

  /**
   * Whether a name stands for a role of which all is known: none that is gone, is there twice, cannot be
   * read, or inherits such a one. Nobody passes by any other.
   */
  isWhole(name: string): boolean {
    return isWhole(name, this.#edition.rules)
  }

  /** Whether a role is the system's or the app's, so that no administrator changes it. */
  isFixed(name: string): boolean {
    return this.#fixed.has(name)
  }

  definitionOf(name: string): RoleDefinition | undefined {
    return this.#edition.definitions.get(name)
  }

  /** Roles that name this one in `inherits`. */
  heirsOf(name: string): readonly string[] {
    const all = [...this.#edition.definitions]
    return all.filter(([, { inherits = [] }]) => inherits.includes(name)).map(([heir]) => heir)
  }

  /** These roles and all that inherit one of them, over any number of steps. */
  withHeirs(names: readonly string[]): readonly string[] {
    const { definitions, heirs } = this.#edition
    const key = keyOf(names)
    const known = heirs.get(key)
    if (known) return known
    const all = Object.freeze(heirsOf(names, definitions))
    heirs.set(key, all)
    return all
  }

  /** What would be wrong with a role if it were defined like this among those that there are. */
  judge(name: string, definition: RoleDefinition): readonly RoleFault[] {
    const definitions = new Map([...this.#edition.definitions, [name, definition]])
    return this.#check(new Map([[name, definition]]), definitions).mistakes
  }

  /** What somebody would hold who held a role defined like this. */
  permissionsOfDefinition(name: string, definition: RoleDefinition): PermissionSet {
    const { rules } = this.#check(new Map([[name, definition]]), this.#edition.definitions)
    const all = new Map([...this.#edition.rules, ...rules])
    return setOf(rulesOfRole(name, all))
  }

  /**
   * Puts these in the place of all roles that administrators made. What is wrong with a role is told, and
   * what is made of it holds no more than was meant. A name of theirs that is one of the system's or the
   * app's too stands for nothing: who holds it was given either, and nobody knows which.
   */
  replaceCustom(definitions: Readonly<Record<string, RoleDefinition>>): readonly RoleMistake[] {
    const given = Object.entries(definitions)
    const custom = new Map(given.filter(([name]) => !this.isFixed(name)))
    const twice = given.map(([name]) => name).filter((name) => this.isFixed(name))
    const all = new Map([...this.#fixed, ...custom])
    const { mistakes, rules } = this.#check(custom, all)
    this.#edition = {
      definitions: all,
      rules: new Map([
        ...this.#fixedRules,
        ...rules,
        ...twice.map((name) => [name, lostRole] as const),
      ]),
      sets: new Map(),
      heirs: new Map(),
    }
    return [...twice.map((role) => ({ role, ...takenTwice })), ...mistakes]
  }

  /** The permissions of somebody who holds these roles. Unknown roles hold nothing. */
  permissionsOf(roles: readonly string[]): PermissionSet {
    return this.permissionsIn(roles, [])
  }

  /**
   * The permissions of somebody who holds `roles` everywhere and `organisationRoles` in the organisation
   * that is asked about. What is held there reaches of `security` the organisation's own parts alone, of
   * the app what `organisationLimit` says, and the super-admin role holds nothing there.
   */
  permissionsIn(roles: readonly string[], organisationRoles: readonly string[]): PermissionSet {
    const { rules, sets } = this.#edition
    const key = `${keyOf(roles)}|${keyOf(organisationRoles)}`
    const known = sets.get(key)
    if (known) return known
    const local = organisationRoles.filter((role) => role !== this.superAdminRole)
    const held = [
      ...roles.flatMap((role) => rulesOfRole(role, rules)),
      ...local.flatMap((role) => organisationRules(rulesOfRole(role, rules))),
    ]
    const limit = organisationLimit(this.vocabulary)
    const set = setOf(held, { limit, beyondDenials: roles.includes(this.superAdminRole) })
    if (sets.size >= setLimit) sets.clear()
    sets.set(key, set)
    return set
  }

  /** True when some role could ever be allowed `permission`; a guard for less than that is a mistake. */
  anyRoleHolds(permission: string): boolean {
    return this.names.some((name) => this.permissionsOf([name]).some(permission))
  }

  #check(checked: Definitions, all: Definitions) {
    const mistakes: RoleMistake[] = []
    const rules = new Map<string, RoleRules>()
    for (const [role, definition] of checked) {
      const { faults, rules: made } = this.#read(definition)
      const found = [...roleNameFault(role), ...faults, ...inheritanceFaults(role, all)]
      mistakes.push(...found.map((fault) => ({ role, ...fault })))
      // Of a denial that is no pattern nobody knows what it denied.
      const isWhole = made.deny?.length === (definition.deny ?? []).length
      rules.set(role, isWhole ? made : lostRole)
    }
    return { mistakes, rules }
  }

  #read(definition: RoleDefinition): CheckedRole {
    const known = this.#checked.get(definition)
    if (known) return known
    const checked = checkRole(definition, this.vocabulary)
    this.#checked.set(definition, checked)
    return checked
  }
}

const takenTwice: RoleFault = {
  path: 'name',
  problem:
    'is that of a role of the system or the options as well. Its holders may do nothing: withdraw it from all of them, remove the role that administrators made, and give the other anew; or call the role of the options something else.',
}

function setOf(
  rules: readonly HeldRule[],
  { beyondDenials = false, limit }: { beyondDenials?: boolean; limit?: OrganisationLimit } = {},
): PermissionSet {
  const allow = rules.filter(({ effect }) => effect === 'allow')
  const deny = beyondDenials ? [] : rules.filter(({ effect }) => effect === 'deny')
  return new PermissionSet(allow, deny, limit)
}

function keyOf(roles: readonly string[]): string {
  return [...new Set(roles)].sort().join(' ')
}
