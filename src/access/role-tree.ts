import { didYouMean } from '../errors/index.ts'
import type { RoleDefinition, RoleFault, RoleRules } from '../permissions/index.ts'
import type { HeldRule } from './permissions.ts'

/** Roles by name. A map: a role may be called `constructor`. */
export type Definitions = ReadonlyMap<string, RoleDefinition>

const roleShape = /^[a-z][a-z0-9_-]{0,63}$/

export function roleNameFault(name: string): readonly RoleFault[] {
  if (roleShape.test(name)) return []
  return [
    { path: 'name', problem: 'must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter.' },
  ]
}

/** Parents that are not there, and the circle in which a role inherits from itself. */
export function inheritanceFaults(name: string, all: Definitions): readonly RoleFault[] {
  const { inherits = [] } = all.get(name) ?? {}
  return inherits.flatMap((parent, at) => {
    const path = `inherits[${at}]`
    if (!all.has(parent)) {
      const problem = `names the role '${parent}', which does not exist.${didYouMean(parent, all.keys())}`
      return [{ path, problem }]
    }
    const way = wayTo(name, parent, (role) => all.get(role)?.inherits ?? [])
    if (!way) return []
    return [{ path, problem: `leads in a circle: ${[name, ...way].join(' -> ')}.` }]
  })
}

/** These roles and all that inherit one of them, over any number of steps. */
export function heirsOf(names: readonly string[], all: Definitions): string[] {
  const children = new Map<string, string[]>()
  for (const [heir, { inherits = [] }] of all) {
    for (const parent of inherits) {
      const heirs = children.get(parent) ?? []
      heirs.push(heir)
      children.set(parent, heirs)
    }
  }
  const found = new Set(names)
  for (const name of found) for (const heir of children.get(name) ?? []) found.add(heir)
  return [...found]
}

/**
 * What is left of a role of which nobody knows what it denied: not even what its holders have from
 * elsewhere.
 */
export const lostRole: RoleRules = Object.freeze({
  ...{ allow: Object.freeze([]), deny: Object.freeze([{ pattern: '*' }]) },
  inherits: Object.freeze([]),
})

/**
 * All rules of a role, its own first, each with the shortest way it is inherited by. A parent that is not
 * there may have denied anything.
 */
export function rulesOfRole(
  name: string,
  all: ReadonlyMap<string, RoleRules>,
): readonly HeldRule[] {
  if (!all.has(name)) return []
  return [...waysFrom(name, all)].flatMap(([role, through]) => {
    const { allow = [], deny = [] } = all.get(role) ?? lostRole
    return [
      ...deny.map((rule): HeldRule => ({ ...rule, effect: 'deny', role: name, through })),
      ...allow.map((rule): HeldRule => ({ ...rule, effect: 'allow', role: name, through })),
    ]
  })
}

/** Whether a role and all that it inherits are there and have lost nothing. */
export function isWhole(name: string, all: ReadonlyMap<string, RoleRules>): boolean {
  const rules = all.get(name)
  if (rules === undefined || rules === lostRole) return false
  const { inherits = [] } = rules
  return inherits.length === 0 || [...waysFrom(name, all).keys()].every((role) => isKept(role, all))
}

function isKept(role: string, all: ReadonlyMap<string, RoleRules>): boolean {
  return (all.get(role) ?? lostRole) !== lostRole
}

/** A role and all that it inherits, each with the shortest way it is inherited by. */
function waysFrom(
  name: string,
  all: ReadonlyMap<string, RoleRules>,
): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[name, []]])
  for (const [role, way] of ways) {
    for (const parent of all.get(role)?.inherits ?? []) {
      if (!ways.has(parent)) ways.set(parent, [...way, parent])
    }
  }
  return ways
}

/** The shortest way from `from` to `to`, both included; undefined where there is none. */
function wayTo(
  to: string,
  from: string,
  parentsOf: (role: string) => readonly string[],
): readonly string[] | undefined {
  const ways = new Map<string, readonly string[]>([[from, [from]]])
  for (const [role, way] of ways) {
    if (role === to) return way
    for (const parent of parentsOf(role)) {
      if (!ways.has(parent)) ways.set(parent, [...way, parent])
    }
  }
  return undefined
}
