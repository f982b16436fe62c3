import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { CustomRoleRow } from './custom-role-table.ts'

/** Which state of which role: no two definitions ever share one. */
export type CustomRoleState = Pick<CustomRoleRow, 'name' | 'id' | 'version'>

/** Some roles at an instant. */
export interface RolesAt {
  readonly roles: readonly string[]
  readonly now: number
}

const chunk = 500

/** The state of every role that administrators made, by name. */
export function findCustomRoleStates(db: Db): Promise<CustomRoleState[]> {
  return db.selectFrom('hf_roles').select(['name', 'id', 'version']).orderBy('name').execute()
}

/** Those of these roles that are there. */
export async function findCustomRoles(
  db: Db,
  names: readonly string[],
): Promise<readonly CustomRoleRow[]> {
  const found: CustomRoleRow[] = []
  for (let at = 0; at < names.length; at += chunk) {
    const some = names.slice(at, at + chunk)
    found.push(...(await db.selectFrom('hf_roles').selectAll().where('name', 'in', some).execute()))
  }
  return found
}

/** Adds a role; false when its name is taken. */
export function insertCustomRole(trx: Trx, row: CustomRoleRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_roles', row)
}

/** Writes a role that is at `version` of `id`, which then is the next one; false when it is not. */
export async function updateCustomRole(
  trx: Trx,
  { id, name, version }: CustomRoleState,
  change: Pick<CustomRoleRow, 'definition' | 'description' | 'updated_at' | 'updated_by'>,
): Promise<boolean> {
  const { definition, description, updated_at, updated_by } = change
  const result = await trx
    .updateTable('hf_roles')
    .set({ definition, description, updated_at, updated_by, version: version + 1 })
    .where('name', '=', name)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Removes a role; false when there is none. */
export async function deleteCustomRole(trx: Trx, name: string): Promise<boolean> {
  const result = await trx.deleteFrom('hf_roles').where('name', '=', name).executeTakeFirst()
  return affected(result) === 1
}

/** Whether somebody holds a role everywhere at `now`. */
export async function isRoleGranted(trx: Trx, role: string, now: number): Promise<boolean> {
  const row = await trx
    .selectFrom('hf_grants')
    .select('user_id')
    .where('role', '=', role)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The accounts that hold one of these roles everywhere. */
export async function findHolders(trx: Trx, { now, roles }: RolesAt): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('hf_grants')
    .select('user_id')
    .distinct()
    .where('role', 'in', roles)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** The roles that any of these accounts hold everywhere. */
export async function findRolesOfAny(
  trx: Trx,
  userIds: readonly string[],
  now: number,
): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('hf_grants')
    .select('role')
    .distinct()
    .where('user_id', 'in', userIds)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
  return rows.map(({ role }) => role)
}
