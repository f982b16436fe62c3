import { didYouMean, suggest } from '../errors/index.ts'
import { roleNameFault } from './role-tree.ts'
import type { RoleBook } from './roles.ts'

/** What there is to say about a permission that a route asks for. */
export type GuardVerdict =
  | { readonly kind: 'held' }
  /** It names no declared resource or action: a mistake where it is written. */
  | { readonly kind: 'unknown'; readonly problem: string }
  /**
   * No role reaches it but those that reach everything. `isMistake` where resources are declared, unless
   * administrators make roles: then an app with such a guard must not start.
   */
  | { readonly kind: 'unheld'; readonly isMistake: boolean; readonly fix: string }

/** Judges a permission that a guard asks for, by the words that are declared and by what roles hold. */
export function judgeGuard(permission: string, roles: RoleBook): GuardVerdict {
  const problem = roles.vocabulary.problemOf(permission) ?? ownRowsProblem(permission, roles)
  if (problem !== undefined) return { kind: 'unknown', problem }
  if (isHeld(permission, roles)) return { kind: 'held' }
  const meant = nearest(permission, roles)
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  const fix = `give it to a role in access.roles${question}`
  const isMistake = roles.vocabulary.isDeclared && !roles.names.some((name) => !roles.isFixed(name))
  return { kind: 'unheld', isMistake, fix }
}

/**
 * Judges a role that a guard names. One that is not there may be made yet, or was removed while the app ran:
 * nobody passes by it, and whether an app starts never hangs on what administrators made.
 */
export function judgeGuardRole(role: string, roles: RoleBook): GuardVerdict {
  const [fault] = roleNameFault(role)
  if (fault) return { kind: 'unknown', problem: `'${role}' is no role: it ${fault.problem}` }
  if (roles.has(role)) return { kind: 'held' }
  const near = didYouMean(role, roles.names)
  const fix = `define it in access.roles, or while the app runs: holdfast roles set ${role}.${near} The roles are ${roles.names.join(', ')}`
  return { kind: 'unheld', isMistake: false, fix }
}

/** By a role that does not hold everything: `*` would hide every misspelt permission. */
function isHeld(permission: string, roles: RoleBook): boolean {
  return roles.names
    .map((name) => roles.permissionsOf([name]))
    .some((held) => {
      const { patterns } = held
      return !patterns.includes('*') && !patterns.includes('*:*') && held.some(permission)
    })
}

/** `action:resource:own` is a way to write a rule, not a permission that anybody could hold. */
function ownRowsProblem(permission: string, { vocabulary }: RoleBook): string | undefined {
  const [action, resource = '', last, ...more] = permission.split(':')
  const isOwn = last === 'own' && more.length === 0
  if (!isOwn || vocabulary.shapeOf(resource)?.owner === undefined) return undefined
  return `is for roles alone: a guard asks for '${action}:${resource}', with \`rows: true\` or \`object\` for whoever holds it for some rows.`
}

/** Action and resource swapped, or letters of one that a role holds. */
function nearest(permission: string, roles: RoleBook): string | undefined {
  const swapped = permission.split(':').reverse().join(':')
  if (isHeld(swapped, roles)) return swapped
  const held = roles.names.flatMap((name) => roles.permissionsOf([name]).patterns)
  const literal = suggest(
    permission,
    held.filter((pattern) => !pattern.includes('*')),
  )
  const [action = '', ...resource] = permission.split(':')
  const other = [suggest(action, roles.vocabulary.actionsOf(resource[0])), ...resource].join(':')
  return literal ?? (isHeld(other, roles) ? other : undefined)
}
