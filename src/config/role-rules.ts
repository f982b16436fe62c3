import { didYouMean } from '../errors/index.ts'
import type { AccessConfig } from './config-access.ts'
import type { Faults } from './faults.ts'

/** Name of the super-admin role unless the option says otherwise. */
export const usualSuperAdmin = 'super_admin'

/** Roles that exist without being configured. */
export const systemRoles = [usualSuperAdmin, 'admin', 'manager', 'user', 'guest'] as const

/** Reports roles that are named but not there, circles, and a default role that can do everything. */
export function checkRoles(
  access: AccessConfig,
  faults: Faults,
  mfaRoles: readonly string[] = [],
): void {
  const known = [access.superAdminRole, ...systemRoles, ...Object.keys(access.roles)]
  const check = (path: string, role: string) => {
    if (known.includes(role)) return
    faults.add(path, `names a role that does not exist.${didYouMean(role, known)}`)
  }
  check('access.defaultRole', access.defaultRole)
  mfaRoles.forEach((role, index) => {
    check(`mfa.roles[${index}]`, role)
  })
  for (const [name, role] of Object.entries(access.roles)) {
    role.inherits.forEach((parent, index) => {
      check(`access.roles.${name}.inherits[${index}]`, parent)
    })
    if (reaches(access, name, name)) {
      faults.add(
        `access.roles.${name}.inherits`,
        'leads back to the role itself. Break the circle.',
      )
    }
  }
  checkPower(access, faults)
}

function checkPower(access: AccessConfig, faults: Faults): void {
  const { superAdminRole, defaultRole, roles } = access
  const ordinary = systemRoles.filter((role) => role !== usualSuperAdmin)
  if (ordinary.some((role) => role === superAdminRole)) {
    faults.add(
      'access.superAdminRole',
      'must not be one of the other system roles: all who hold it would own everything.',
    )
  }
  if (Object.hasOwn(roles, superAdminRole)) {
    faults.add(
      `access.roles.${superAdminRole}`,
      'is the super-admin role and always holds `*`. Remove it.',
    )
  }
  const all = (role: string) =>
    role === superAdminRole || roles[role]?.permissions.includes('*') === true
  const mighty = Object.keys(roles).concat(superAdminRole).filter(all)
  if (all(defaultRole) || mighty.some((role) => reaches(access, defaultRole, role))) {
    faults.add('access.defaultRole', 'must not hold `*`: every new account would own everything.')
  }
}

/** Whether `from` inherits from `to`, over any number of steps. */
function reaches({ roles }: AccessConfig, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [...(roles[from]?.inherits ?? [])]
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    if (role === to) return true
    if (seen.has(role)) continue
    seen.add(role)
    open.push(...(roles[role]?.inherits ?? []))
  }
  return false
}
