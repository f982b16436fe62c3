import { Access, CustomRoleReader, CustomRoles, RoleBook } from '../access/index.ts'
import { findPrincipalRolesBeside, isPrincipalRoleHeld } from '../api-keys/index.ts'
import {
  findMembership,
  findMembersWithRole,
  findRolesOfMember,
  findRolesOfMembers,
  isMemberRoleHeld,
} from '../organisations/index.ts'
import type { Ground } from './ground.ts'

/** Who may do what: roles of the options, and those that administrators make while the app runs. */
export interface AccessRooms {
  readonly access: Access
  readonly customRoles: CustomRoles
}

/** Wires access. It hears of revocations before everybody whose verdicts rest on it. */
export function wireAccess(ground: Ground): AccessRooms {
  const { config, database, recorder, revocations } = ground
  const { clock, logger, random } = config
  const roles = new RoleBook(config.access.roles, config.access)
  const reader = new CustomRoleReader({ roles, logger })
  revocations.subscribe(reader)
  const access = new Access({
    ...{ database, recorder, revocations, clock, roles },
    superAdminRole: config.access.superAdminRole,
    customRoles: reader,
    organisationRoles: async (db, membership) => {
      const found = await findMembership(db, { ...membership, now: clock.now() })
      if (found?.organisation.status !== 'active') return undefined
      return { id: found.organisation.id, roles: found.roles }
    },
  })
  const customRoles = new CustomRoles({
    ...{ access, database, recorder, revocations, clock, random },
    uses: [
      {
        ...{ isHeld: isMemberRoleHeld, heldBy: findRolesOfMember },
        ...{ holders: findMembersWithRole, rolesOfAny: findRolesOfMembers },
      },
      { isHeld: isPrincipalRoleHeld, beside: findPrincipalRolesBeside },
    ],
  })
  return { access, customRoles }
}

/**
 * The ground of the rooms above: a role that inherits one of `mfa.roles` demands a second factor as well,
 * also one that was made while the app runs.
 */
export function demandingOfHeirs(ground: Ground, { roles }: Access): Ground {
  const { config } = ground
  const named = config.mfa.roles
  const mfa = {
    ...config.mfa,
    get roles() {
      return roles.withHeirs(named)
    },
  }
  return { ...ground, config: { ...config, mfa } }
}
