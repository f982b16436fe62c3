import { didYouMean } from '../errors/index.ts'
import { accessErrors } from './errors.ts'
import type { RoleChange } from './role-change.ts'
import type { RoleBook } from './roles.ts'

/**
 * Throws `role_unknown`, and `own_roles_unchangeable` for the giver's own account. It names the roles that
 * there are: who gets here may give roles, and nobody else does.
 */
export function refuseNaming(
  roles: RoleBook,
  { giver, role, userId }: Pick<RoleChange, 'role' | 'giver' | 'userId'>,
): void {
  if (!roles.has(role)) {
    const explanation = `there is no role '${role}'.${didYouMean(role, roles.names)} The roles are ${roles.names.join(', ')}`
    throw accessErrors.role_unknown({ members: { roles: roles.names }, explanation })
  }
  if (giver?.userId === userId) throw accessErrors.own_roles_unchangeable()
}
