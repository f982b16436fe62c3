import {
  type AppObject,
  type CompiledCondition,
  forbids,
  meets,
  readsRow,
} from '../conditions/index.ts'
import type { Database } from '../database/index.ts'
import type { Auth, Explanation, RowFilter, RowOptions } from '../http/index.ts'
import { isPermission, type Vocabulary } from '../permissions/index.ts'
import type { Clock } from '../ports/index.ts'
import { callerSettings, rowFilter } from '../rows/index.ts'
import { accessErrors } from './errors.ts'
import { explanationOf } from './explain.ts'
import type { Permissions, RulesFor } from './permissions.ts'
import { rulesOnto } from './rules-onto.ts'

/** Whose permissions they are. */
export interface ReachCaller {
  readonly userId: string
  readonly organisation?: string
  readonly level: 1 | 2
  /** Below it nothing is permitted. */
  readonly requiredLevel: 1 | 2
  /** For row-level security: held everywhere, and those of the organisation as `roleInOrganisation` names them; of an API key its owner's. */
  readonly roles: readonly string[]
}

/** The questions that a caller answers about its permissions. */
export type Reach = Pick<Auth, 'can' | 'rows' | 'explain' | 'settings'>

export interface ReachParts {
  readonly clock: Clock
  readonly vocabulary: Vocabulary
  /** The engine of Holdfast's own database. */
  readonly dialect: Database['dialect']
}

type Conditions = true | readonly CompiledCondition[]

/** What permissions reach for one caller: nothing at all below the level that policy demands. */
export function reachOf(permissions: Permissions, caller: ReachCaller, parts: ReachParts): Reach {
  const asker = new Asker(permissions, caller, parts)
  return {
    can: (permission, object, options) => asker.can(permission, object, options),
    rows: (permission, resource, options) => asker.rows(permission, resource, options),
    explain: (permission, object, options) => asker.explain(permission, object, options),
    settings: (options) => asker.settings(options),
  }
}

class Asker {
  readonly #permissions: Permissions
  readonly #caller: ReachCaller
  readonly #parts: ReachParts
  readonly #isHigh: boolean

  constructor(permissions: Permissions, caller: ReachCaller, parts: ReachParts) {
    const { level, organisation, requiredLevel, roles, userId } = caller
    this.#permissions = permissions
    this.#caller = {
      ...{ level, requiredLevel, roles, userId },
      ...(organisation === undefined ? {} : { organisation }),
    }
    this.#parts = parts
    this.#isHigh = level >= requiredLevel
  }

  can(permission: string, object?: AppObject, options?: RowOptions): boolean {
    if (!this.#isHigh) return false
    if (this.#permissions.has(permission)) return true
    if (!this.#permissions.some(permission)) return false
    const { allow, deny } = this.#permissions.rulesFor(permission)
    const question = this.#question(options)
    const holds = (condition: CompiledCondition) => meets(condition, object ?? {}, question)
    const denies = (condition: CompiledCondition) => forbids(condition, object ?? {}, question)
    if (object) return anyOf(allow, holds) && !anyOf(deny, denies)
    // Without an object a condition on the row can neither be counted on nor ruled out.
    const allowed = anyOf(allow, (condition) => !readsRow(condition) && holds(condition))
    return allowed && !anyOf(deny, (condition) => readsRow(condition) || denies(condition))
  }

  rows(permission: string, resource?: string, options?: RowOptions): RowFilter {
    if (!isPermission(permission)) throw invalidPermission(permission)
    const name = resource ?? resourceOf(permission)
    const rules = this.#isHigh ? this.#rulesOn(name, permission) : nothing
    const { caller, now } = this.#question(options)
    const { dialect, vocabulary } = this.#parts
    const table = vocabulary.shapeOf(name)?.table ?? name
    return rowFilter({ ...rules, table, caller, now, dialect })
  }

  explain(permission: string, object?: AppObject, options?: RowOptions): Explanation {
    const { caller, now } = this.#question(options)
    const { vocabulary } = this.#parts
    const { requiredLevel } = this.#caller
    return explanationOf(permission, {
      ...{ permissions: this.#permissions, vocabulary, caller, requiredLevel, now, object },
      allowed: this.can(permission, object, options),
    })
  }

  settings(options?: RowOptions): Readonly<Record<string, string>> {
    const { caller, now } = this.#question(options)
    const { roles } = this.#caller
    return callerSettings({ ...caller, roles, permitted: this.#permitted(), now })
  }

  #rulesOn(resource: string, permission: string): RulesFor {
    const parts = { permissions: this.#permissions, vocabulary: this.#parts.vocabulary }
    if (resource !== resourceOf(permission)) return rulesOnto(resource, permission, parts)
    return this.#permissions.rulesFor(permission)
  }

  /** `action:resource` of everything declared that the caller may do with some row at all. */
  #permitted(): readonly string[] {
    if (!this.#isHigh) return []
    const { vocabulary } = this.#parts
    const all = vocabulary.resources.flatMap((resource) =>
      vocabulary.actionsOf(resource).map((action) => `${action}:${resource}`),
    )
    return all.filter((permission) => this.#permissions.some(permission))
  }

  #question({ attributes }: RowOptions = {}) {
    const { level, organisation, userId } = this.#caller
    const caller = {
      ...{ userId, level },
      ...(organisation === undefined ? {} : { organisation }),
      ...(attributes ? { attributes } : {}),
    }
    return { caller, now: this.#parts.clock.now() }
  }
}

const nothing = Object.freeze({ allow: Object.freeze([]), deny: Object.freeze([]) })

function resourceOf(permission: string): string {
  return permission.split(':')[1] ?? ''
}

function anyOf(rules: Conditions, holds: (condition: CompiledCondition) => boolean): boolean {
  return rules === true || rules.some(holds)
}

function invalidPermission(permission: string) {
  const explanation = `'${permission}' is no permission: write action:resource, such as read:orders`
  return accessErrors.permission_invalid({ explanation })
}
