import type { Factor } from '../assurance/index.ts'
import { affected, type Db, json, type Trx } from '../database/index.ts'
import type { UserRow } from '../users/index.ts'
import type { RefreshTokenRow, SessionRow } from './table.ts'

export async function insertSession(trx: Trx, row: SessionRow): Promise<void> {
  await trx.insertInto('hf_sessions').values(row).execute()
}

export async function insertRefreshToken(trx: Trx, row: RefreshTokenRow): Promise<void> {
  await trx.insertInto('hf_refresh_tokens').values(row).execute()
}

/** A session and what its validity rests on in the account. */
export type SessionFacts = SessionRow &
  Pick<UserRow, 'realm' | 'status' | 'locked_until' | 'totp_since' | 'passkeys' | 'mfa_due_at'>

function factsQuery(db: Db) {
  return db
    .selectFrom('hf_sessions')
    .innerJoin('hf_users', 'hf_users.id', 'hf_sessions.user_id')
    .selectAll('hf_sessions')
    .select(['hf_users.realm', 'hf_users.status', 'hf_users.locked_until', 'hf_users.totp_since'])
    .select(['hf_users.passkeys', 'hf_users.mfa_due_at'])
}

export function findSessionById(db: Db, id: string): Promise<SessionFacts | undefined> {
  return factsQuery(db).where('hf_sessions.id', '=', id).executeTakeFirst()
}

export function findSessionByToken(db: Db, tokenHash: string): Promise<SessionFacts | undefined> {
  return factsQuery(db).where('hf_sessions.token_hash', '=', tokenHash).executeTakeFirst()
}

/** Sessions of a user that have not ended and not run out at `now`, newest first. */
export function findLiveSessions(db: Db, userId: string, now: number): Promise<SessionRow[]> {
  return db
    .selectFrom('hf_sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('absolute_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(500)
    .execute()
}

export interface SessionEnd {
  readonly at: number
  readonly reason: string
}

/** Ends one session; false when it had ended before. */
export async function endSession(trx: Trx, id: string, end: SessionEnd): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set({ ended_at: end.at, end_reason: end.reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Ends all sessions of a user but one, and says how many that were. */
export async function endSessionsOf(
  trx: Trx,
  userId: string,
  end: SessionEnd & { readonly exceptId?: string },
): Promise<number> {
  let query = trx
    .updateTable('hf_sessions')
    .set({ ended_at: end.at, end_reason: end.reason })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
  if (end.exceptId !== undefined) query = query.where('id', '!=', end.exceptId)
  return affected(await query.executeTakeFirst())
}

/** Moves the last activity forward, never back. */
export async function noteActivity(trx: Trx, id: string, at: number): Promise<void> {
  await trx
    .updateTable('hf_sessions')
    .set({ last_activity_at: at })
    .where('id', '=', id)
    .where('last_activity_at', '<', at)
    .execute()
}

/** What a session has proven, as its columns keep it. */
export type ProvenColumns = Pick<SessionRow, 'auth_time' | 'factors' | 'level'>

/** Notes a new proof of the person behind a session; false when it has ended or run out. */
export async function noteProof(trx: Trx, id: string, proven: ProvenColumns): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set(proven)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('absolute_at', '>', proven.auth_time)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Gives a live session of transport `session` another token; false for any other. */
export async function replaceToken(trx: Trx, id: string, tokenHash: string): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set({ token_hash: tokenHash })
    .where('id', '=', id)
    .where('transport', '=', 'session')
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/**
 * Counts that the secret of a live session is replaced, if it was replaced `seen` times before; false
 * when it was replaced since. Of many who hold the same one gets true.
 */
export async function countRenewal(trx: Trx, id: string, seen: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set({ secret_version: seen + 1 })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('secret_version', '=', seen)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes the row of a live session whose secret was replaced `seen` times; false for any other. */
export async function claimRenewal(trx: Trx, id: string, seen: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set((eb) => ({ level: eb.ref('level') }))
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('secret_version', '=', seen)
    .executeTakeFirst()
  return affected(result) === 1
}

/**
 * Takes the row of a session that has not ended, so that a refresh and the replacing of its whole chain
 * wait for each other; false when it has ended.
 */
export async function claimSession(trx: Trx, id: string): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sessions')
    .set((eb) => ({ level: eb.ref('level') }))
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** What a session has proven so far. */
export async function findFactors(db: Db, id: string): Promise<readonly Factor[]> {
  const row = await db
    .selectFrom('hf_sessions')
    .select('factors')
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? json.decode<Factor[]>(row.factors) : []
}

/** The newest refresh token of a session. */
export function findLatestRefreshToken(
  db: Db,
  sessionId: string,
): Promise<RefreshTokenRow | undefined> {
  return db
    .selectFrom('hf_refresh_tokens')
    .selectAll()
    .where('session_id', '=', sessionId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Forgets every refresh token of a session, so that each becomes one that nobody knows. */
export async function deleteRefreshTokensOf(trx: Trx, sessionId: string): Promise<void> {
  await trx.deleteFrom('hf_refresh_tokens').where('session_id', '=', sessionId).execute()
}

/** The sessions of a user, ended ones included, newest first, at most `limit`. */
export function findSessionsOf(db: Db, userId: string, limit: number): Promise<SessionRow[]> {
  return db
    .selectFrom('hf_sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export function findRefreshToken(db: Db, tokenHash: string): Promise<RefreshTokenRow | undefined> {
  return db
    .selectFrom('hf_refresh_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

/** Spends a refresh token; false when it was spent before. Exactly one of many callers gets true. */
export async function consumeRefreshToken(
  trx: Trx,
  tokenHash: string,
  at: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_refresh_tokens')
    .set({ used_at: at })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Sessions past their end of life that nobody closed, oldest first. */
export function findExpiredSessions(
  db: Db,
  now: number,
  limit: number,
): Promise<Pick<SessionRow, 'id' | 'user_id'>[]> {
  return db
    .selectFrom('hf_sessions')
    .select(['id', 'user_id'])
    .where('ended_at', 'is', null)
    .where('absolute_at', '<=', now)
    .orderBy('absolute_at')
    .limit(limit)
    .execute()
}

/**
 * Removes refresh tokens of sessions that ended before `before`: of those after the hash `after`, in
 * key order, at most `limit`. Gives their hashes.
 */
export async function deleteSpentTokens(
  trx: Trx,
  which: { readonly before: number; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await trx
    .selectFrom('hf_refresh_tokens')
    .innerJoin('hf_sessions', 'hf_sessions.id', 'hf_refresh_tokens.session_id')
    .select('hf_refresh_tokens.token_hash')
    .where('hf_sessions.ended_at', '<', which.before)
    .where('hf_refresh_tokens.token_hash', '>', which.after)
    .orderBy('hf_refresh_tokens.token_hash')
    .limit(which.limit)
    .execute()
  const hashes = rows.map((row) => row.token_hash)
  if (hashes.length === 0) return hashes
  await trx.deleteFrom('hf_refresh_tokens').where('token_hash', 'in', hashes).execute()
  return hashes
}

/** Removes sessions that ended before `before`, the longest ended first, at most `limit`. */
export async function deleteEndedSessions(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_sessions')
    .select('id')
    .where('ended_at', '<', before)
    .orderBy('ended_at')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  await trx.deleteFrom('hf_sessions').where('id', 'in', ids).execute()
  return rows.length
}
