import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import { findUserByEmail } from './name-store.ts'
import type { RealmName } from './realm.ts'
import type { AccountStatus, UserRow } from './table.ts'

/** Adds an account; false when its address or name is taken in the realm. */
export function insertUser(trx: Trx, row: UserRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_users', row)
}

export function findUserById(db: Db, id: string): Promise<UserRow | undefined> {
  return db.selectFrom('hf_users').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Those of these accounts whose time to comply with what policy demands has not ended at `now`. */
export async function findInGraceAmong(
  db: Db,
  ids: readonly string[],
  now: number,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('hf_users')
    .select('id')
    .where('id', 'in', ids)
    .where('mfa_due_at', '>', now)
    .execute()
  return rows.map(({ id }) => id)
}

export interface UserPage {
  /** Creation instant and id of the last account of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  readonly limit: number
}

export function findUsers(db: Db, page: UserPage): Promise<UserRow[]> {
  let query = db.selectFrom('hf_users').selectAll()
  const { after } = page
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '>', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('id', '>', after.id)]),
      ]),
    )
  }
  return query.orderBy('created_at').orderBy('id').limit(page.limit).execute()
}

/** The members that turn a pending account into an active one. */
export type Activation = Pick<
  UserRow,
  'username' | 'username_canonical' | 'display_name' | 'company_name' | 'metadata'
> & { readonly verified_at: number; readonly email: string }

/**
 * Activates an account that registered itself; false when it does not wait for that. An invited one is
 * none of these: it may hold roles already, and waits for the link of its invitation alone.
 */
export async function activateUser(trx: Trx, id: string, values: Activation): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set({ ...values, status: 'active' })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('created_by', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Activates an account whose invitation was accepted at `at`; false when it does not wait for that. */
export async function activateInvited(trx: Trx, id: string, at: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set({ status: 'active', verified_at: at })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('created_by', 'is not', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** What an administrator says of an account that somebody had registered for the same address. */
export type Adoption = Omit<Activation, 'verified_at'> &
  Pick<UserRow, 'status' | 'verified_at'> & { readonly created_by: string }

/** Takes over an account that registered itself and was never confirmed; false for any other. */
export async function adoptUser(trx: Trx, id: string, values: Adoption): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set(values)
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .where('created_by', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Whether an account waits for its owner to accept an invitation. */
export function isInvited(row: Pick<UserRow, 'status' | 'created_by'>): boolean {
  return row.status === 'pending' && row.created_by !== null
}

export interface StatusChange {
  readonly from: readonly AccountStatus[]
  readonly to: AccountStatus
  readonly reason: string | null
  readonly lockedUntil?: number
  /** For a closed account: when it is erased. Every later change of status takes that back. */
  readonly eraseAt?: number
}

/** Changes the status if it is one of `from`; false otherwise. */
export async function changeStatus(trx: Trx, id: string, change: StatusChange): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set({
      status: change.to,
      status_reason: change.reason,
      locked_until: change.lockedUntil ?? null,
      erase_at: change.eraseAt ?? null,
    })
    .where('id', '=', id)
    .where('status', 'in', [...change.from])
    .executeTakeFirst()
  return affected(result) === 1
}

/** Notes a sign-in; false when the status or a credential is no longer what it was decided on. */
export async function noteSignIn(
  trx: Trx,
  id: string,
  seen: {
    readonly at: number
    readonly ip: string | null
    readonly status: AccountStatus
    readonly credentialsVersion: number
    /** Carried over from the lanes of `throttle`, which begin anew with a success; null when they hold none. */
    readonly lastFailureAt: number | null
  },
): Promise<boolean> {
  const { at, ip, lastFailureAt } = seen
  const failure = lastFailureAt === null ? {} : { last_failure_at: lastFailureAt }
  const result = await trx
    .updateTable('hf_users')
    .set({ last_sign_in_at: at, last_sign_in_ip: ip, ...failure })
    .where('id', '=', id)
    .where('status', '=', seen.status)
    .where('credentials_version', '=', seen.credentialsVersion)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Carries a failure over from lanes that begin anew before anybody has signed in. */
export async function noteLastFailure(trx: Trx, id: string, at: number): Promise<void> {
  await trx.updateTable('hf_users').set({ last_failure_at: at }).where('id', '=', id).execute()
}

/** Notes that a credential changed: whoever proved the one before is asked again. */
export async function bumpCredentials(trx: Trx, id: string): Promise<void> {
  await trx
    .updateTable('hf_users')
    .set((eb) => ({ credentials_version: eb('credentials_version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

/**
 * As `bumpCredentials`, if `seen` is still the version; false when a credential changed since a proof
 * began, so that the proof is of an older one.
 */
export async function claimCredentials(trx: Trx, id: string, seen: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set({ credentials_version: seen + 1 })
    .where('id', '=', id)
    .where('credentials_version', '=', seen)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes the row of an account without a change, so that changes of its credentials wait; false when it is gone. */
export async function lockUser(trx: Trx, id: string): Promise<boolean> {
  const result = await trx
    .updateTable('hf_users')
    .set((eb) => ({ credentials_version: eb.ref('credentials_version') }))
    .where('id', '=', id)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Gives an account another address that has proven itself. A taken one is a unique violation. */
export async function replaceEmail(
  trx: Trx,
  id: string,
  values: Pick<UserRow, 'email' | 'email_canonical'> & { readonly verified_at: number },
): Promise<void> {
  await trx.updateTable('hf_users').set(values).where('id', '=', id).execute()
}

/**
 * Discards what somebody registered for an address and never confirmed, once the address has proven
 * to be another account's; gives the id of what it discarded. Accounts that an administrator made
 * stay.
 */
export async function discardUnconfirmed(trx: Trx, email: RealmName): Promise<string | undefined> {
  const holder = await findUserByEmail(trx, email)
  if (!holder) return undefined
  const result = await trx
    .deleteFrom('hf_users')
    .where('id', '=', holder.id)
    .where('status', '=', 'pending')
    .where('created_by', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1 ? holder.id : undefined
}

/** Closed accounts whose time came before `now`, the longest due first. */
export async function findUsersToErase(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('hf_users')
    .select('id')
    .where('erase_at', '<=', now)
    .orderBy('erase_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Deletes an account with every row that refers to it; false when it is gone already. */
export async function deleteUser(trx: Trx, id: string): Promise<boolean> {
  return affected(await trx.deleteFrom('hf_users').where('id', '=', id).executeTakeFirst()) === 1
}

/** Notes since when codes of an authenticator app are asked for; null for no longer. */
export async function noteTotp(trx: Trx, id: string, since: number | null): Promise<void> {
  const ended = since === null ? {} : graceEnded(since)
  await trx
    .updateTable('hf_users')
    .set({ totp_since: since, ...ended })
    .where('id', '=', id)
    .execute()
}

/** Notes how many passkeys an account has at `at`. */
export async function notePasskeys(
  trx: Trx,
  id: string,
  { at, count }: { readonly at: number; readonly count: number },
): Promise<void> {
  const ended = count === 0 ? {} : graceEnded(at)
  await trx
    .updateTable('hf_users')
    .set({ passkeys: count, ...ended })
    .where('id', '=', id)
    .execute()
}

/** Who has complied once is given no time to do so again: a factor that is lost is enrolled anew at once. */
function graceEnded(at: number): Pick<UserRow, 'mfa_due_at'> {
  return { mfa_due_at: at }
}

/** Begins the time to comply of somebody of whom a second factor is required, unless it began before. */
export async function beginGrace(trx: Trx, id: string, dueAt: number): Promise<void> {
  await trx
    .updateTable('hf_users')
    .set({ mfa_due_at: dueAt })
    .where('id', '=', id)
    .where('mfa_due_at', 'is', null)
    .execute()
}
