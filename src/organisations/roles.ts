import { accessErrors } from '../access/index.ts'
import { didYouMean } from '../config/index.ts'
import { organisationErrors } from './errors.ts'
import type { OrganisationParts } from './parts.ts'

/** Throws unless a role of this name is there and may be held in an organisation. */
export function refuseRole(
  { access, superAdminRole }: Pick<OrganisationParts, 'access' | 'superAdminRole'>,
  role: string,
): void {
  if (role === superAdminRole) throw organisationErrors.role_not_for_organisations()
  if (access.roles.has(role)) return
  const roles = access.roles.names.filter((name) => name !== superAdminRole)
  const explanation = `there is no role '${role}'.${didYouMean(role, roles)} The roles are ${roles.join(', ')}`
  throw accessErrors.role_unknown({ members: { roles }, explanation })
}
