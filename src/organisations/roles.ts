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

/** Roles that are something in an organisation, and there no more than the giver holds. */
function givenBy({ access, superAdminRole }: RoleParts, giver: Giver | undefined) {
  const names = access.roles.names.filter((name) => name !== superAdminRole)
  if (!giver) return names
  const own = access.permissionsIn(giver.roles, giver.roles)
  return names.filter((name) => {
    const there = access.permissionsIn([], [name])
    return there.patterns.length > 0 && own.coversAll(there)
  })
}
