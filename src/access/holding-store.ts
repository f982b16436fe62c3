import type { Kysely } from 'kysely'
import type { Db, Tables } from '../database/index.ts'

/** Tables whose rows say who holds which role until when. */
export type HoldingTable = {
  [T in keyof Tables]: Tables[T] extends { role: string; expires_at: number | null } ? T : never
}[keyof Tables]

/** Those of them in which accounts hold roles. */
export type AccountHoldingTable = {
  [T in HoldingTable]: Tables[T] extends { user_id: string } ? T : never
}[HoldingTable]

/** Some roles at an instant. */
export interface RolesAt {
  readonly roles: readonly string[]
  readonly now: number
}

type Loose = Record<string, Record<'role' | 'user_id', string> & { expires_at: number | null }>

/** Whether anybody holds one of these roles by a row of `table`. */
export async function isAnyHeld(
  db: Db,
  table: HoldingTable,
  { now, roles }: RolesAt,
): Promise<boolean> {
  const row = await holdings(db, table, now)
    .select('role')
    .where('role', 'in', roles)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The accounts that hold one of these roles by a row of `table`. */
export async function findAccountsWith(
  db: Db,
  table: AccountHoldingTable,
  { now, roles }: RolesAt,
): Promise<readonly string[]> {
  const rows = await holdings(db, table, now)
    .select('user_id')
    .distinct()
    .where('role', 'in', roles)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** The roles that any of these accounts hold by a row of `table` at `now`, in the order of their names. */
export async function findRolesOfAccounts(
  db: Db,
  table: AccountHoldingTable,
  { now, userIds }: { readonly userIds: readonly string[]; readonly now: number },
): Promise<readonly string[]> {
  const rows = await holdings(db, table, now)
    .select('role')
    .distinct()
    .where('user_id', 'in', userIds)
    .orderBy('role')
    .execute()
  return rows.map(({ role }) => role)
}

/** Those of these accounts that hold one of these roles by a row of `table` at `now`. */
export async function findHoldersAmong(
  db: Db,
  table: AccountHoldingTable,
  { now, roles, userIds }: RolesAt & { readonly userIds: readonly string[] },
): Promise<readonly string[]> {
  const rows = await holdings(db, table, now)
    .select('user_id')
    .distinct()
    .where('role', 'in', roles)
    .where('user_id', 'in', userIds)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** What counts at `now`: the type of the query cannot say which of the tables it reads. */
function holdings(db: Db, table: HoldingTable, now: number) {
  return (db as unknown as Kysely<Loose>)
    .selectFrom<string>(table)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
}
