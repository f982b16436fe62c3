import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { PrincipalGrantRow, ServiceAccountRow } from './table.ts'

/** Adds a service account; false when its name is taken. */
export function insertServiceAccount(trx: Trx, row: ServiceAccountRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_service_accounts', row)
}

/** A service account by id or name. */
export function findServiceAccount(db: Db, name: string): Promise<ServiceAccountRow | undefined> {
  return db
    .selectFrom('hf_service_accounts')
    .selectAll()
    .where((eb) => eb.or([eb('id', '=', name), eb('name', '=', name)]))
    .orderBy('created_at')
    .executeTakeFirst()
}

/** Service accounts in the order of their creation. */
export function findServiceAccounts(db: Db, limit: number): Promise<ServiceAccountRow[]> {
  return db
    .selectFrom('hf_service_accounts')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** Opens or closes a service account; false when it is so already, or gone. */
export async function changeServiceAccount(
  trx: Trx,
  id: string,
  status: ServiceAccountRow['status'],
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_service_accounts')
    .set({ status })
    .where('id', '=', id)
    .where('status', '!=', status)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Whose roles they are. */
export type Principal = Pick<PrincipalGrantRow, 'principal_kind' | 'principal_id'>

/** The roles that a principal holds at `now`, in order of their names. */
export function findPrincipalGrants(
  db: Db,
  principal: Principal,
  now: number,
): Promise<PrincipalGrantRow[]> {
  return db
    .selectFrom('hf_principal_grants')
    .selectAll()
    .where('principal_kind', '=', principal.principal_kind)
    .where('principal_id', '=', principal.principal_id)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
}

const chunk = 500

/** The roles that principals of one kind hold at `now`, in order of their names. */
export async function findGrantsOfAll(
  db: Db,
  { ids, kind }: { readonly kind: Principal['principal_kind']; readonly ids: readonly string[] },
  now: number,
): Promise<PrincipalGrantRow[]> {
  const found: PrincipalGrantRow[] = []
  for (let at = 0; at < ids.length; at += chunk) {
    const rows = await db
      .selectFrom('hf_principal_grants')
      .selectAll()
      .where('principal_kind', '=', kind)
      .where('principal_id', 'in', ids.slice(at, at + chunk))
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
      .orderBy('role')
      .execute()
    found.push(...rows)
  }
  return found
}

/** Gives a role; false when it is held at `now`. One that ran out gets a new life. */
export async function putPrincipalGrant(
  trx: Trx,
  row: PrincipalGrantRow,
  now: number,
): Promise<boolean> {
  if (await insertIfAbsent(trx, 'hf_principal_grants', row)) return true
  const { principal_id, principal_kind, role, ...values } = row
  const result = await trx
    .updateTable('hf_principal_grants')
    .set(values)
    .where('principal_kind', '=', principal_kind)
    .where('principal_id', '=', principal_id)
    .where('role', '=', role)
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes a role; false when it is not there. */
export async function deletePrincipalGrant(
  trx: Trx,
  principal: Principal,
  role: string,
): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_principal_grants')
    .where('principal_kind', '=', principal.principal_kind)
    .where('principal_id', '=', principal.principal_id)
    .where('role', '=', role)
    .executeTakeFirst()
  return affected(result) === 1
}
