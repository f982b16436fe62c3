import { type CompiledCondition, compileCondition } from '../conditions/index.ts'
import { isPattern, patternCovers } from './permission.ts'
import type { ConditionalPermission, PermissionRule, RoleDefinition, RoleRules } from './rule.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A mistake in the definition of a role. */
export interface RoleFault {
  /** Where in the definition, such as `permissions[2].when.equals`. */
  readonly path: string
  /** Completes the sentence that begins with the place. */
  readonly problem: string
}

/** A role made ready, and what is wrong with its definition. */
export interface CheckedRole {
  readonly rules: RoleRules
  readonly faults: readonly RoleFault[]
}

/** A rule that was read, with its place. */
interface Placed {
  readonly path: string
  readonly rule: PermissionRule
}

/**
 * Reads the definition of a role. What is wrong with it is told, and what is made of it nevertheless
 * never holds more than was meant: a faulty permission is left out, and a denial whose condition is
 * faulty denies every row.
 */
export function checkRole(definition: RoleDefinition, vocabulary: Vocabulary): CheckedRole {
  const reader = new RuleReader(vocabulary)
  const allow = reader.readAll(definition.permissions, 'permissions')
  const deny = reader.readAll(definition.deny ?? [], 'deny')
  const faults = [...reader.faults, ...contradictions(allow, deny)]
  const rulesOf = (placed: readonly Placed[]) => Object.freeze(placed.map(({ rule }) => rule))
  const inherits = Object.freeze([...(definition.inherits ?? [])])
  return { rules: { allow: rulesOf(allow), deny: rulesOf(deny), inherits }, faults }
}

class RuleReader {
  readonly faults: RoleFault[] = []
  readonly #vocabulary: Vocabulary

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary
  }

  readAll(rules: RoleDefinition['permissions'], list: 'permissions' | 'deny'): readonly Placed[] {
    return rules.flatMap((rule, at) => {
      const path = `${list}[${at}]`
      const read = this.#read(rule, path, list === 'deny')
      return read ? [{ path, rule: Object.freeze(read) }] : []
    })
  }

  #read(
    written: string | ConditionalPermission,
    path: string,
    denies: boolean,
  ): PermissionRule | undefined {
    const isPlain = typeof written === 'string'
    const place = isPlain ? path : `${path}.permission`
    const own = this.#ownRows(isPlain ? written : written.permission, place)
    const { pattern } = own
    if (!isPattern(pattern)) {
      this.faults.push({
        path: place,
        problem: `is '${pattern}', which is not a permission pattern.`,
      })
      return undefined
    }
    const problem = this.#vocabulary.problemOf(pattern)
    if (problem !== undefined) this.faults.push({ path: place, problem })
    if (problem !== undefined && !denies) return undefined
    const when = joined(own.when, isPlain ? undefined : written.when)
    if (when === undefined) return own.isFaulty && !denies ? undefined : { pattern }
    const condition = this.#condition(pattern, when, isPlain ? path : `${path}.when`)
    if (condition) return { pattern, when: condition.source, condition }
    return denies ? { pattern } : undefined
  }

  /** `action:resource:own` is `action:resource` for one's own rows, once the resource is declared. */
  #ownRows(pattern: string, path: string) {
    const [action, resource = '', last, ...more] = String(pattern).split(':')
    const shape =
      last === 'own' && more.length === 0 ? this.#vocabulary.shapeOf(resource) : undefined
    if (!shape) return { pattern, when: undefined, isFaulty: false }
    const isFaulty = shape.owner === undefined
    if (isFaulty) {
      const problem = `is for one's own rows, and the resource '${resource}' names no \`owner\` column.`
      this.faults.push({ path, problem })
    }
    const when = isFaulty ? undefined : ownRows
    return { pattern: `${action}:${resource}`, when, isFaulty }
  }

  #condition(pattern: string, when: unknown, path: string): CompiledCondition | undefined {
    const name = pattern.split(':')[1] ?? '*'
    const { attributes } = this.#vocabulary
    const resource = this.#vocabulary.shapeOf(name)
    const compiled = compileCondition(when, { resource, name, attributes })
    if (compiled.ok) return compiled.condition
    for (const fault of compiled.faults) {
      this.faults.push({ path: `${path}${fault.path}`, problem: sentence(fault.problem) })
    }
    return undefined
  }
}

const ownRows = Object.freeze({ owner: true })

function joined(one: unknown, other: unknown): unknown {
  if (one === undefined || other === undefined) return one ?? other
  return { all: [one, other] }
}

function sentence(problem: string): string {
  return /[.?]$/.test(problem) ? problem : `${problem}.`
}

/** Denials that leave nothing of an allowance of the same role: one of the two is a mistake. */
function contradictions(allow: readonly Placed[], deny: readonly Placed[]): RoleFault[] {
  return deny.flatMap(({ path, rule }) => {
    const dead = allow.find((one) => swallows(rule, one.rule))
    if (!dead) return []
    const problem = `takes away all that '${dead.rule.pattern}' of the same role allows. Remove one of the two.`
    return [{ path, problem }]
  })
}

function swallows(deny: PermissionRule, allow: PermissionRule): boolean {
  if (!patternCovers(deny.pattern, allow.pattern)) return false
  return deny.when === undefined || JSON.stringify(deny.when) === JSON.stringify(allow.when)
}
