import type { ConditionalPermission } from '../config/index.ts'
import { accessErrors } from './errors.ts'
import { isPattern } from './permission.ts'
import { PermissionSet } from './permission-set.ts'

/** What a role holds. `inherits` names other roles whose patterns and denials are added. */
export interface RoleDefinition {
  readonly permissions: readonly (string | ConditionalPermission)[]
  readonly deny?: readonly (string | ConditionalPermission)[]
  readonly inherits?: readonly string[]
}

/** The roles every installation has; an option may add others or redefine these. */
export const systemRoles: Readonly<Record<string, RoleDefinition>> = Object.freeze({
  super_admin: { permissions: ['*'] },
  admin: {
    permissions: [
      'read:*',
      'write:*',
      'delete:*',
      'read:security:*',
      'write:security:*',
      'delete:security:*',
    ],
  },
  manager: { permissions: ['read:*', 'write:projects', 'write:tasks'] },
  user: { permissions: ['read:own', 'write:own'] },
  guest: { permissions: ['read:public'] },
})

const roleShape = /^[a-z][a-z0-9_-]{0,63}$/

/** All roles of an installation, checked and compiled when it starts. */
export class RoleBook {
  readonly #roles: Readonly<Record<string, RoleDefinition>>
  readonly #sets = new Map<string, PermissionSet>()
  readonly #setLimit = 10_000
  readonly #superAdminRole: string

  /**
   * @param own roles of the app, beside or instead of the system's
   * @param superAdminRole its holders are beyond denials: nobody disarms them by giving them a role
   */
  constructor(own: Readonly<Record<string, RoleDefinition>> = {}, superAdminRole = 'super_admin') {
    this.#superAdminRole = superAdminRole
    this.#roles = Object.freeze({ ...systemRoles, ...own })
    for (const name of Object.keys(this.#roles)) this.#check(name, [])
  }

  get names(): readonly string[] {
    return Object.keys(this.#roles)
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#roles, name)
  }

  /** The permissions of somebody who holds these roles. Unknown roles hold nothing. */
  permissionsOf(roles: readonly string[]): PermissionSet {
    const key = [...roles].sort().join(' ')
    const known = this.#sets.get(key)
    if (known) return known
    const allow = new Set<string>()
    const deny = new Set<string>()
    for (const role of roles) this.#collect(role, allow, deny)
    const set = new PermissionSet(allow, roles.includes(this.#superAdminRole) ? [] : deny)
    if (this.#sets.size >= this.#setLimit) this.#sets.clear()
    this.#sets.set(key, set)
    return set
  }

  /** True when some role could ever be allowed `permission`; a guard for less than that is a mistake. */
  anyRoleHolds(permission: string): boolean {
    return this.names.some((name) => this.permissionsOf([name]).has(permission))
  }

  #collect(name: string, allow: Set<string>, deny: Set<string>): void {
    const role = this.has(name) ? this.#roles[name] : undefined
    if (!role) return
    for (const rule of role.permissions) if (typeof rule === 'string') allow.add(rule)
    for (const rule of role.deny ?? []) deny.add(patternOf(rule))
    for (const parent of role.inherits ?? []) this.#collect(parent, allow, deny)
  }

  #check(name: string, path: readonly string[]): void {
    const role = this.has(name) ? this.#roles[name] : undefined
    const problem = !role
      ? `role '${name}' does not exist`
      : path.includes(name)
        ? `roles inherit in a circle: ${[...path, name].join(' -> ')}`
        : !roleShape.test(name)
          ? `role name '${name}' must be 1 to 64 of a-z, 0-9, _ and -, starting with a letter`
          : firstBadPattern(name, role)
    if (problem) throw accessErrors.role_invalid({ explanation: problem })
    for (const parent of role?.inherits ?? []) this.#check(parent, [...path, name])
  }
}

function firstBadPattern(name: string, role: RoleDefinition): string | undefined {
  const patterns = [...role.permissions, ...(role.deny ?? [])].map(patternOf)
  const bad = patterns.find((pattern) => !isPattern(pattern))
  return bad === undefined ? undefined : `role '${name}': '${bad}' is not a permission pattern`
}

function patternOf(rule: string | ConditionalPermission): string {
  return typeof rule === 'string' ? rule : rule.permission
}
