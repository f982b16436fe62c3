import { accessErrors, type Giver } from '../access/index.ts'
import { didYouMean } from '../config/index.ts'
import { organisationErrors } from './errors.ts'
import type { OrganisationParts } from './parts.ts'

type RoleParts = Pick<OrganisationParts, 'access' | 'superAdminRole'>

/**
 * Throws unless a role of this name is there and may be held in an organisation. Whoever asks on their
 * own authority is told the roles that they could give, and no others.
 */
export function refuseRole(parts: RoleParts, role: string, giver?: Giver): void {
  if (role === parts.superAdminRole) throw organisationErrors.role_not_for_organisations()
  if (parts.access.roles.has(role)) return
  const roles = givenBy(parts, giver)
  const known = roles.length === 0 ? '' : ` The roles are ${roles.join(', ')}`
  const explanation = `there is no role '${role}'.${didYouMean(role, roles)}${known}`
  throw accessErrors.role_unknown({ members: { roles }, explanation })
}

/** The same for some roles before anything is begun, once those are read that were made a moment ago. */
export async function refuseRoles(
  parts: RoleParts & Pick<OrganisationParts, 'database'>,
  roles: readonly string[],
  giver?: Giver,
): Promise<void> {
  await parts.access.settleRoles(parts.database.reader, roles)
  for (const role of roles) refuseRole(parts, role, giver)
}

/** Roles that are something in an organisation, and there no more than the giver holds. */
function givenBy({ access, superAdminRole }: RoleParts, giver: Giver | undefined) {
  const names = access.roles.names.filter((name) => name !== superAdminRole)
  if (!giver) return names
  const { organisationRoles = [], roles } = giver
  const own = access.permissionsIn(roles, [...roles, ...organisationRoles])
  return names.filter((name) => {
    const there = access.permissionsIn([], [name])
    return there.patterns.length > 0 && own.coversAll(there)
  })
}
