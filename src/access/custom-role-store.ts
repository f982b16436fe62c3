import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { CustomRoleRow } from './custom-role-table.ts'
import { findAccountsWith, findRolesOfAccounts, isAnyHeld, type RolesAt } from './holding-store.ts'

/** Which state of which role: no two definitions ever share one. */
export type CustomRoleState = Pick<CustomRoleRow, 'name' | 'id' | 'version'>

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
export function isRoleGranted(trx: Trx, role: string, now: number): Promise<boolean> {
  return isAnyHeld(trx, 'hf_grants', { roles: [role], now })
}

/** The accounts that hold one of these roles everywhere. */
export function findHolders(trx: Trx, held: RolesAt): Promise<readonly string[]> {
  return findAccountsWith(trx, 'hf_grants', held)
}

/** The roles that any of these accounts hold everywhere. */
export function findRolesOfAny(
  trx: Trx,
  userIds: readonly string[],
  now: number,
): Promise<readonly string[]> {
  return findRolesOfAccounts(trx, 'hf_grants', { userIds, now })
}
