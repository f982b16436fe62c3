import { accessErrors, isPermission, RoleBook } from '../../access/index.ts'
import type { Config } from '../../config/index.ts'
import type { Auth } from '../../http/index.ts'
import { invalidGuard } from './errors.ts'
import type { RoutePolicyMark } from './types.ts'

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
export function guardRule(asked: string | RoleGuard, config: Config): RoutePolicyMark {
  if (typeof asked !== 'string') return roleRule(asked, config)
  if (isPermission(asked)) return Object.freeze({ kind: 'permission', permission: asked })
  throw invalidGuard(`guard('${asked}'): write action:resource, without wildcards`)
}

function roleRule({ anyRole }: RoleGuard, config: Config): RoutePolicyMark {
  if (!Array.isArray(anyRole) || anyRole.length === 0) {
    throw invalidGuard('guard({ anyRole }) needs at least one role')
  }
  const roles = new RoleBook(config.access.roles)
  const stranger = anyRole.find((role) => !roles.has(role))
  if (stranger === undefined) return Object.freeze({ kind: 'roles', anyRole: [...anyRole] })
  const known = roles.names.join(', ')
  throw invalidGuard(`guard({ anyRole }): there is no role '${stranger}'; the roles are ${known}`)
}

export function resourceRule(resource: string): RoutePolicyMark {
  if (isPermission(`read:${resource}`)) return Object.freeze({ kind: 'resource', resource })
  throw invalidGuard(`guard.resource('${resource}'): not the name of a resource`)
}

/** Throws `forbidden` unless the caller meets the rule; a method without an action meets none. */
export function enforceRule(rule: RoutePolicyMark, auth: Auth, method: string): void {
  if (rule.kind === 'open' || rule.kind === 'signed-in') return
  if (rule.kind === 'roles') {
    if (rule.anyRole.some((role) => auth.roles.includes(role))) return
    throw accessErrors.forbidden()
  }
  const permission = rule.kind === 'permission' ? rule.permission : permissionFor(rule, method)
  // Anything but a plain yes refuses.
  if (permission === undefined || auth.can(permission) !== true) throw accessErrors.forbidden()
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
