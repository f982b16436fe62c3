import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import type { Db, Tables } from '../database/index.ts'

/** Whether a member holds a role at `now`, or an open invitation gives it. */
export async function isMemberRoleHeld(db: Db, role: string, now: number): Promise<boolean> {
  const held = await db
    .selectFrom('hf_member_roles')
    .select('user_id')
    .where('role', '=', role)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .limit(1)
    .executeTakeFirst()
  return held !== undefined || (await isInvited(db, role, now))
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
export async function findRolesOfMember(
  db: Db,
  userId: string,
  now: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_member_roles')
    .select('role')
    .distinct()
    .where('user_id', '=', userId)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
  return rows.map(({ role }) => role)
}

/** The accounts that hold one of these roles in an organisation. */
export async function findMembersWithRole(
  db: Db,
  { now, roles }: { readonly roles: readonly string[]; readonly now: number },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_member_roles')
    .select('user_id')
    .distinct()
    .where('role', 'in', roles)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** The roles that any of these accounts hold in organisations. */
export async function findRolesOfMembers(
  db: Db,
  userIds: readonly string[],
  now: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_member_roles')
    .select('role')
    .distinct()
    .where('user_id', 'in', userIds)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  return rows.map(({ role }) => role)
}
