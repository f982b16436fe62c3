import { accessErrors, isPermission, RoleBook } from '../../access/index.ts'
import { type Config, didYouMean } from '../../config/index.ts'
import type { Auth } from '../../http/index.ts'
import { demandOwnLevel } from '../../shield/index.ts'
import { invalidGuard } from '../node/errors.ts'
import type { GuardMark, RoutePolicyMark } from './types.ts'

/** Roles that may call a route. A permission says more and survives a change of roles. */
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
  if (isPermission(asked)) return Object.freeze({ kind: 'permission', permission: asked })
  throw invalidGuard(`guard('${asked}'): ${permissionAdvice(asked, config)}`)
}

function permissionAdvice(asked: string, config: Config): string {
  if (new RoleBook(config.access.roles).has(asked)) {
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
  const roles = new RoleBook(config.access.roles)
  const stranger = anyRole.find((role) => !roles.has(role))
  if (stranger === undefined) return Object.freeze({ kind: 'roles', anyRole: [...anyRole] })
  const near = didYouMean(String(stranger), roles.names)
  const known = roles.names.join(', ')
  throw invalidGuard(
    `guard({ anyRole }): there is no role '${stranger}'.${near} The roles are ${known}`,
  )
}

export function resourceRule(resource: string): GuardMark {
  if (isPermission(`read:${resource}`)) return Object.freeze({ kind: 'resource', resource })
  throw invalidGuard(
    `guard.resource('${resource}'): write the resource alone, in a-z, 0-9, _ and -, for example orders`,
  )
}

/**
 * Throws `step_up_required` below the level that policy demands of the account, and `forbidden` unless
 * the caller meets the rule; a method without an action meets none. The message of the error, which no
 * answer holds, says what is missing.
 */
export function enforceRule(rule: RoutePolicyMark, auth: Auth, method: string): void {
  if (rule.kind === 'open' || (rule.kind === 'signed-in' && rule.anyLevel)) return
  demandOwnLevel(auth)
  if (rule.kind === 'signed-in') return
  if (rule.kind === 'roles') {
    if (rule.anyRole.some((role) => auth.roles.includes(role))) return
    const explanation = `the caller has none of the roles ${rule.anyRole.join(', ')}`
    throw accessErrors.forbidden({ explanation })
  }
  const permission = rule.kind === 'permission' ? rule.permission : permissionFor(rule, method)
  // Anything but a plain yes refuses.
  if (permission !== undefined && auth.can(permission) === true) return
  const explanation =
    permission === undefined
      ? `guard.resource has no permission for the method ${method}`
      : `the caller lacks the permission ${permission}`
  throw accessErrors.forbidden({ explanation })
}

function permissionFor(rule: { readonly resource: string }, method: string): string | undefined {
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined
  return action === undefined ? undefined : `${action}:${rule.resource}`
}

/** Every permission that a rule may ask for. */
export function permissionsOf(rule: RoutePolicyMark | undefined): readonly string[] {
  if (rule?.kind === 'permission') return [rule.permission]
  if (rule?.kind !== 'resource') return []
  return ['read', 'write', 'delete'].map((action) => `${action}:${rule.resource}`)
}
