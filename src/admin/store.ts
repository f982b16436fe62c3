import { type ExpressionBuilder, sql } from 'kysely'
import type { Db, Tables, Trx } from '../database/index.ts'
import type { AccountStatus, UserRow } from '../users/index.ts'

/** Which accounts are looked for. Every condition that is given must hold. */
export interface AccountFilter {
  /** Part of an address, a username or a name. */
  readonly search?: string
  /** As it counts at `now`. */
  readonly status?: AccountStatus
  /** A role that is held at `now`. */
  readonly role?: string
  readonly now: number
  /** Creation and id of the last account of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  readonly limit: number
}

type Users = ExpressionBuilder<Tables, 'hf_users'>

/** Accounts in the order of their creation: a page stays what it is when others are added. */
export function findAccounts(db: Db, filter: AccountFilter): Promise<UserRow[]> {
  const { after, limit, now, role, search, status } = filter
  let query = db.selectFrom('hf_users').selectAll()
  if (search !== undefined) query = query.where((eb) => matches(eb, search))
  if (status !== undefined) query = query.where((eb) => counts(eb, status, now))
  if (role !== undefined) query = query.where((eb) => holds(eb, role, now))
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '>', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('id', '>', after.id)]),
      ]),
    )
  }
  return query.orderBy('created_at').orderBy('id').limit(limit).execute()
}

/**
 * Addresses and usernames are compared in their canonical, lower-case form, names as they are typed and
 * in lower case: SQLite knows the capital letters of ASCII alone.
 */
function matches(eb: Users, search: string) {
  const typed = pattern(search.normalize('NFC'))
  const lower = pattern(search.normalize('NFKC').toLowerCase())
  return eb.or([
    sql<boolean>`${eb.ref('email_canonical')} like ${lower} escape '!'`,
    sql<boolean>`${eb.ref('email')} like ${typed} escape '!'`,
    sql<boolean>`${eb.ref('username_canonical')} like ${lower} escape '!'`,
    sql<boolean>`${eb.ref('display_name')} like ${typed} escape '!'`,
    sql<boolean>`lower(${eb.ref('display_name')}) like ${lower} escape '!'`,
  ])
}

/** `!` escapes on all engines alike; the backslash is itself an escape in the strings of MySQL. */
function pattern(part: string): string {
  return `%${part.replace(/[!%_]/g, '!$&')}%`
}

/** A lock whose end has passed is none. */
function counts(eb: Users, status: AccountStatus, now: number) {
  const over = eb.and([eb('status', '=', 'locked'), eb('locked_until', '<=', now)])
  if (status === 'active') return eb.or([eb('status', '=', 'active'), over])
  if (status !== 'locked') return eb('status', '=', status)
  return eb.and([
    eb('status', '=', 'locked'),
    eb.or([eb('locked_until', 'is', null), eb('locked_until', '>', now)]),
  ])
}

function holds(eb: Users, role: string, now: number) {
  return eb.exists(
    eb
      .selectFrom('hf_grants')
      .select('hf_grants.user_id')
      .whereRef('hf_grants.user_id', '=', 'hf_users.id')
      .where('hf_grants.role', '=', role)
      .where((grant) =>
        grant.or([
          grant('hf_grants.expires_at', 'is', null),
          grant('hf_grants.expires_at', '>', now),
        ]),
      ),
  )
}

/** The roles that count at `now`, by account. */
export async function findRolesOf(
  db: Db,
  userIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (userIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('hf_grants')
    .select(['user_id', 'role'])
    .where('user_id', 'in', [...userIds])
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .orderBy('role')
    .execute()
  const byUser = Map.groupBy(rows, (row) => row.user_id)
  return new Map([...byUser].map(([id, grants]) => [id, grants.map(({ role }) => role)]))
}

/** When the passwords of accounts were set, by account. */
export async function findPasswordDates(
  db: Db,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (userIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('hf_passwords')
    .select(['user_id', 'changed_at'])
    .where('user_id', 'in', [...userIds])
    .execute()
  return new Map(rows.map((row) => [row.user_id, row.changed_at]))
}

/** The addresses that an account's usable links are about: its own, one it wants, one it had. */
export async function findLinkedAddresses(
  trx: Trx,
  userId: string,
  now: number,
): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('hf_links')
    .select('email')
    .distinct()
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('email')
    .execute()
  return rows.map(({ email }) => email)
}
