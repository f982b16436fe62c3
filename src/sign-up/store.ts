import { type Nullable, sql } from 'kysely'
import { affected, type Db, type Trx } from '../database/index.ts'
import type { RealmName } from '../users/index.ts'
import type { RegistrationRow, RegistrationState } from './table.ts'

/** Those that can still be confirmed. */
const waitingStates: readonly RegistrationState[] = ['open', 'unmailed']

export async function insertRegistration(trx: Trx, row: RegistrationRow): Promise<void> {
  await trx.insertInto('hf_registrations').values(row).execute()
}

/** Spends a link; false when it is unknown, spent or past `now`. One of many callers gets true. */
export async function consumeRegistration(
  trx: Trx,
  tokenHash: string,
  now: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_registrations')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('state', '!=', 'closed')
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return affected(result) === 1
}

export function findRegistration(db: Db, tokenHash: string): Promise<RegistrationRow | undefined> {
  return db
    .selectFrom('hf_registrations')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

/** The realm of a registration is that of its account, which goes and takes its registrations along. */
function registrationsIn(db: Db, realm: string) {
  return db
    .selectFrom('hf_registrations')
    .innerJoin('hf_users', 'hf_users.id', 'hf_registrations.user_id')
    .where('hf_users.realm', '=', realm)
}

/**
 * Registrations of an address within their time, newest first. Among them are those that can never be
 * confirmed: sign-in must not tell the two apart.
 */
export function findLiveRegistrations(
  db: Db,
  email: RealmName,
  now: number,
): Promise<RegistrationRow[]> {
  return registrationsIn(db, email.realm)
    .selectAll('hf_registrations')
    .where('hf_registrations.email_canonical', '=', email.canonical)
    .where('state', 'in', [...waitingStates, 'closed'])
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('hf_registrations.created_at', 'desc')
    .orderBy('hf_registrations.id', 'desc')
    .limit(20)
    .execute()
}

/** What a repeated link needs to know of an address, in one row that is there for every address. */
export interface WaitingRegistration {
  readonly userId: string | null
  /** The account waits for its owner, who registered by herself. */
  readonly pending: boolean
  /** The newest registration within its time. */
  readonly latest: RegistrationRow | undefined
  /** Whether anybody else registered the address, also long ago: only rows that were swept are forgotten. */
  readonly contested: boolean
}

export async function findWaitingRegistration(
  db: Db,
  email: RealmName,
  now: number,
): Promise<WaitingRegistration> {
  const row = await db
    .selectFrom(db.selectNoFrom(sql<number>`1`.as('always')).as('asked'))
    .leftJoin('hf_users', (join) =>
      join
        .on('hf_users.realm', '=', email.realm)
        .on('hf_users.email_canonical', '=', email.canonical),
    )
    .leftJoin('hf_registrations', (join) =>
      join
        .onRef('hf_registrations.user_id', '=', 'hf_users.id')
        .on('hf_registrations.email_canonical', '=', email.canonical)
        .on('hf_registrations.state', 'in', waitingStates)
        .on('hf_registrations.used_at', 'is', null)
        .on('hf_registrations.expires_at', '>', now),
    )
    .selectAll('hf_registrations')
    .select(['hf_users.id as account', 'hf_users.status', 'hf_users.created_by'])
    .select((eb) =>
      eb
        .selectFrom('hf_registrations as other')
        .select((count) => count.fn.countAll<number>().as('others'))
        .whereRef('other.user_id', '=', 'hf_users.id')
        .where('other.email_canonical', '=', email.canonical)
        .whereRef('other.origin_id', '!=', 'hf_registrations.origin_id')
        .where('other.state', 'in', waitingStates)
        .as('others'),
    )
    .orderBy('hf_registrations.created_at', 'desc')
    .orderBy('hf_registrations.id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const { account, created_by, others, status, ...registration } = row
  return {
    userId: account,
    pending: status === 'pending' && created_by === null,
    latest: isFound(registration) ? registration : undefined,
    contested: Number(others) > 0,
  }
}

/** All columns of a registration that nobody has are null. */
function isFound(row: Nullable<RegistrationRow>): row is RegistrationRow {
  return row.id !== null
}

/** Whether anybody else registered the address and was mailed nothing, also long ago: until it is swept. */
export async function hasUnmailedRegistration(
  db: Db,
  registration: Pick<RegistrationRow, 'email_canonical' | 'origin_id'> & { readonly realm: string },
): Promise<boolean> {
  const row = await registrationsIn(db, registration.realm)
    .select('hf_registrations.id')
    .where('hf_registrations.email_canonical', '=', registration.email_canonical)
    .where('origin_id', '!=', registration.origin_id)
    .where('state', '=', 'unmailed')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteRegistrationsOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('hf_registrations').where('user_id', '=', userId).execute()
}

/** Removes registrations whose links ran out before `before`, at most `limit`, in key order. */
export async function deleteExpiredRegistrations(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_registrations')
    .select('id')
    .where('expires_at', '<=', before)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id).sort()
  await trx.deleteFrom('hf_registrations').where('id', 'in', ids).execute()
  return rows.length
}

/** Removes accounts that registered themselves, were never confirmed and have nothing that waits. */
export async function deleteAbandonedUsers(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_users')
    .leftJoin('hf_registrations', 'hf_registrations.user_id', 'hf_users.id')
    .select('hf_users.id')
    .where('hf_users.status', '=', 'pending')
    .where('hf_users.created_by', 'is', null)
    .where('hf_users.created_at', '<', before)
    .where('hf_registrations.id', 'is', null)
    .orderBy('hf_users.id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  await trx.deleteFrom('hf_users').where('id', 'in', ids).where('status', '=', 'pending').execute()
  return rows.length
}
