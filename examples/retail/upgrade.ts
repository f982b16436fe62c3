import type { Security } from 'holdfast/express'
import { ASSIGNABLE_ROLES, type AssignableRole, type Assignment } from './assign.ts'
import type { Companies } from './companies.ts'
import type { RetailStore } from './store.ts'

export interface UpgradeParts {
  readonly security: Security
  readonly companies: Companies
  /** A connection that serves nobody else meanwhile. */
  readonly store: RetailStore
}

/**
 * Data of before companies were organisations: each assignment becomes a membership with the role that
 * was held everywhere, which is taken. It happens once, as the assignment goes with it; a start that
 * dies half-way is taken up by the next. The assignment of an account that cannot be a member, since it
 * is disabled, waits for a start at which it can.
 */
export async function upgradeAssignments(parts: UpgradeParts): Promise<void> {
  const { store } = parts
  if (store.oldAssignments().length === 0) return
  await store.exclusively(async () => {
    for (const assignment of store.oldAssignments()) {
      if (await moved(assignment, parts)) store.removeOldAssignment(assignment.userId)
    }
  })
}

/** True when nothing is left to be done. */
async function moved(assignment: Assignment, parts: UpgradeParts): Promise<boolean> {
  const { companies, security, store } = parts
  const { companyId, storeId, userId } = assignment
  const account = await security.users.find(userId)
  if (!account) return true
  if (account.status !== 'active') return false
  const held = ASSIGNABLE_ROLES.filter((role) => account.roles.includes(role))
  const organisation = await companies.organisationOf(companyId)
  store.saveMemberStore({ userId, companyId }, storeId)
  await join(parts, organisation, { userId, roles: held })
  const reason = 'roles are held in the company'
  for (const role of held) await security.users.withdrawRole(userId, role, { reason })
  return true
}

/** Somebody whom a start that died has made a member already is given what is missing. */
async function join(
  { security }: UpgradeParts,
  organisation: string,
  { roles, userId }: { readonly userId: string; readonly roles: readonly AssignableRole[] },
): Promise<void> {
  const reason = 'was assigned before companies were organisations'
  if (await security.organisations.member(organisation, userId)) {
    for (const role of roles) {
      await security.organisations.grantRole(organisation, { userId, role }, { reason })
    }
    return
  }
  await security.organisations.addMember(organisation, { userId, roles }, { reason })
}
