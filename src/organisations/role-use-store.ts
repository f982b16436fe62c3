import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { findAccountsWith, findRolesOfAccounts, isAnyHeld } from '../access/index.ts'
import type { Db, Tables } from '../database/index.ts'

/** Whether a member holds a role at `now`, or an open invitation gives it. */
export async function isMemberRoleHeld(db: Db, role: string, now: number): Promise<boolean> {
  const held = await isAnyHeld(db, 'hf_member_roles', { roles: [role], now })
  return held || isInvited(db, role, now)
}

async function isInvited(db: Db, role: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('hf_invitations')
    .select('id')
    .where('expires_at', '>', now)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) => names(eb, role))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The list is JSON of names without quotes in them. `!` escapes on all engines alike. */
function names(eb: ExpressionBuilder<Tables, 'hf_invitations'>, role: string): Expression<SqlBool> {
  const part = `%"${role.replaceAll(/[!%_]/g, '!$&')}"%`
  return sql<SqlBool>`${eb.ref('roles')} like ${part} escape '!'`
}

/** Roles that an account holds at `now`, in whatever organisation. */
export function findRolesOfMember(db: Db, userId: string, now: number): Promise<readonly string[]> {
  return findRolesOfMembers(db, [userId], now)
}

/** The accounts that hold one of these roles in an organisation. */
export function findMembersWithRole(
  db: Db,
  held: { readonly roles: readonly string[]; readonly now: number },
): Promise<readonly string[]> {
  return findAccountsWith(db, 'hf_member_roles', held)
}

/** The roles that any of these accounts hold in organisations. */
export function findRolesOfMembers(
  db: Db,
  userIds: readonly string[],
  now: number,
): Promise<readonly string[]> {
  return findRolesOfAccounts(db, 'hf_member_roles', { userIds, now })
}
