import {
  accessErrors,
  isPermission,
  judgeGuardRole,
  permissionLacking,
  RoleBook,
} from '../../access/index.ts'
import type { Config } from '../../config/index.ts'
import type { Auth, RowOptions } from '../../http/index.ts'
import { Vocabulary } from '../../permissions/index.ts'
import { demandOwnLevel, demandSession } from '../../shield/index.ts'
import { invalidGuard } from '../node/errors.ts'
import type { GuardMark, RoutePolicyMark } from './types.ts'
import { answerTo } from './undecided.ts'

/**
 * Roles that may call a route: the system's, those of the options, and those that administrators make
 * while the app runs. A permission says more and survives a change of roles.
 */
export interface RoleGuard {
  readonly anyRole: readonly string[]
}

const actions: Readonly<Record<string, string>> = Object.freeze({
  GET: 'read',
  HEAD: 'read',
  POST: 'write',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
})

/** Checks what a guard asks for; throws `guard_invalid` while the app is being put together. */
export function guardRule(asked: string | RoleGuard, config: Config): GuardMark {
  if (typeof asked !== 'string') return roleRule(asked, config)
  if (!isPermission(asked))
    throw invalidGuard(`guard('${asked}'): ${permissionAdvice(asked, config)}`)
  demandWords(`guard('${asked}')`, [asked], config)
  return Object.freeze({ kind: 'permission', permission: asked })
}

function permissionAdvice(asked: string, config: Config): string {
  if (new RoleBook(config.access.roles, config.access).has(asked)) {
    return `for a role write guard({ anyRole: ['${asked}'] })`
  }
  const meant = asked.toLowerCase().replace(/[^a-z0-9]+/, ':')
  const example = isPermission(meant) ? meant : 'read:orders'
  const wildcards = asked.includes('*') ? '; wildcards are for roles alone' : ''
  return `write action:resource, for example ${example}${wildcards}`
}

function roleRule({ anyRole }: RoleGuard, config: Config): GuardMark {
  if (!Array.isArray(anyRole) || anyRole.length === 0) {
    throw invalidGuard("guard({ anyRole }): name at least one role, for example ['manager']")
  }
  const roles = new RoleBook(config.access.roles, config.access)
  for (const role of anyRole) {
    const verdict = judgeGuardRole(String(role), roles)
    if (verdict.kind === 'unknown') throw invalidGuard(`guard({ anyRole }): ${verdict.problem}`)
  }
  return Object.freeze({ kind: 'roles', anyRole: [...anyRole] })
}

/** Once resources are declared, a permission of other words is one that nobody can ever hold. */
function demandWords(written: string, permissions: readonly string[], config: Config): void {
  const vocabulary = new Vocabulary(config.access)
  for (const permission of permissions) {
    const problem = vocabulary.problemOf(permission)
    if (problem !== undefined) throw invalidGuard(`${written} ${problem}`)
  }
}

/** The same for `guard.resource`. */
export function resourceRule(resource: string, config: Config): GuardMark {
  if (isPermission(`read:${resource}`)) {
    const rule: GuardMark = Object.freeze({ kind: 'resource', resource })
    demandWords(`guard.resource('${resource}')`, permissionsOf(rule), config)
    return rule
  }
  throw invalidGuard(
    `guard.resource('${resource}'): write the resource alone, in a-z, 0-9, _ and -, for example orders`,
  )
}

/**
 * Throws 403 `session_required` for an API key where a person is asked for, `step_up_required` below the
 * level that policy demands of the account, and `forbidden` unless the caller meets the rule; a method
 * without an action meets none. The message of the error, which no answer holds, says what is missing.
 */
export function enforceRule(rule: RoutePolicyMark, auth: Auth, asked: Asked): void {
  if (rule.kind === 'open' || rule.kind === 'webhook') return
  if (rule.kind === 'signed-in' || rule.kind === 'roles') demandSession(auth)
  if (rule.kind === 'signed-in' && rule.anyLevel) return
  demandOwnLevel(auth)
  if (rule.kind === 'signed-in') return
  if (rule.kind === 'roles') {
    const held = rolesThatCount(rule, auth)
    if (rule.anyRole.some((role) => held.includes(role) && asked.isWhole(role))) return
    const isThere = rule.anyRole.some((role) => auth.organisationRoles?.includes(role))
    const there = isThere && rule.organisation === undefined ? `; ${onlyThere}` : ''
    const explanation = `the caller has none of the roles ${rule.anyRole.join(', ')}${there}`
    throw accessErrors.forbidden({ explanation })
  }
  const { method, options } = asked
  const permission = permissionFor(rule, method)
  if (permission === undefined) {
    const explanation = `guard.resource has no permission for the method ${method}`
    throw accessErrors.forbidden({ explanation })
  }
  const reaches = rule.rows || rule.object ? reachesSome : reachesAll
  if (reaches(permission, auth, options)) return
  throw permissionLacking(auth, permission, options ? { options } : {})
}

const onlyThere =
  'one is held in the organisation, and counts where the guard says so: organisation: true, or a parameter of the path'

/**
 * Roles held everywhere, and those of an organisation only where the guard asks for one: else whoever has
 * an organisation of their own would pass by the name of a role that they gave themselves there.
 */
function rolesThatCount({ organisation }: GuardMark, auth: Auth): readonly string[] {
  if (organisation === undefined) return auth.roles
  return [...auth.roles, ...(auth.organisationRoles ?? [])]
}

/** What a request asks of a rule. */
export interface Asked {
  readonly method: string
  readonly options?: RowOptions
  /** Whether a name stands for a role of which all is known; see `RoleBook.isWhole`. */
  readonly isWhole: (role: string) => boolean
}

/** Whatever the row. Anything but a plain yes refuses. */
function reachesAll(permission: string, auth: Auth): boolean {
  return auth.can(permission) === true
}

/** For at least one row that there could be. */
function reachesSome(permission: string, auth: Auth, options?: RowOptions): boolean {
  if (reachesAll(permission, auth)) return true
  const { reach } = answerTo(
    () => auth.rows(permission, undefined, options),
    `rows of ${permission}`,
  )
  return reach === 'all' || reach === 'some'
}

/** The permission that a rule asks of a method; undefined where it asks for none. */
export function permissionFor(rule: RoutePolicyMark, method: string): string | undefined {
  if (rule.kind === 'permission') return rule.permission
  if (rule.kind !== 'resource') return undefined
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined
  return action === undefined ? undefined : `${action}:${rule.resource}`
}

/** What a rule asks of a method, in words of the app; undefined where nobody could be given it. */
export function askedOf(rule: RoutePolicyMark, method: string): string | undefined {
  if (rule.kind === 'roles') return `role ${rule.anyRole.join(', ')}`
  return permissionFor(rule, method)
}

/** Every role that a rule names. */
export function rolesOf(rule: RoutePolicyMark | undefined): readonly string[] {
  return rule?.kind === 'roles' ? rule.anyRole : []
}

/** Every permission that a rule may ask for. */
export function permissionsOf(rule: RoutePolicyMark | undefined): readonly string[] {
  if (rule?.kind === 'permission') return [rule.permission]
  if (rule?.kind !== 'resource') return []
  return ['read', 'write', 'delete'].map((action) => `${action}:${rule.resource}`)
}
