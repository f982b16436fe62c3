import type { ExpressionBuilder } from 'kysely'
import { affected, type Db, insertIfAbsent, type Tables, type Trx } from '../database/index.ts'
import type { LimitRow } from './table.ts'

/** What one consumption wants of the row of its key. Instants in epoch milliseconds. */
export interface WindowClaim {
  readonly id: string
  readonly points: number
  /** Points of the policy. */
  readonly limit: number
  readonly now: number
  /** End of the window, if this claim opens it. */
  readonly endsAt: number
  /** A window that ends later than this was written by a clock that ran wrong, and has ended. */
  readonly horizon: number
}

export async function findWindow(db: Db, id: string): Promise<LimitRow | undefined> {
  return db.selectFrom('hf_limits').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Opens the first window of a key; false when another caller was faster. */
export function insertWindow(trx: Trx, claim: WindowClaim): Promise<boolean> {
  const row = { id: claim.id, used: claim.points, ends_at: claim.endsAt, blocked: 0 }
  return insertIfAbsent(trx, 'hf_limits', row)
}

/**
 * Takes the points, or begins a new window with them where the old one has ended; false when there
 * are not enough left. This one statement is the whole decision: however many callers race, the
 * database lets them through one by one. `used` is set before `ends_at`, which it reads, because
 * MySQL assigns from left to right.
 */
export async function claimPoints(trx: Trx, claim: WindowClaim): Promise<boolean> {
  const { id, points, limit, endsAt } = claim
  const result = await trx
    .updateTable('hf_limits')
    .set((eb) => ({
      used: eb
        .case()
        .when(hasEnded(eb, claim))
        .then(points)
        .else(eb('used', '+', points))
        .end(),
      blocked: 0,
      ends_at: eb.case().when(hasEnded(eb, claim)).then(endsAt).else(eb.ref('ends_at')).end(),
    }))
    .where('id', '=', id)
    .where((eb) =>
      eb.or([
        hasEnded(eb, claim),
        eb.and([eb('blocked', '=', 0), eb(eb('used', '+', points), '<=', limit)]),
      ]),
    )
    .executeTakeFirst()
  return affected(result) === 1
}

/**
 * Adds points that were used already, refused or not, to the window of all nodes. It is called in the
 * order of the ids, so that two nodes cannot dead-lock.
 */
export async function addPoints(trx: Trx, claim: WindowClaim): Promise<LimitRow> {
  const add = () =>
    trx
      .updateTable('hf_limits')
      .set((eb) => ({
        used: eb
          .case()
          .when(hasEnded(eb, claim))
          .then(claim.points)
          .else(eb('used', '+', claim.points))
          .end(),
        blocked: 0,
        ends_at: eb
          .case()
          .when(hasEnded(eb, claim))
          .then(claim.endsAt)
          .else(eb.ref('ends_at'))
          .end(),
      }))
      .where('id', '=', claim.id)
      .executeTakeFirst()
  if (!(await insertWindow(trx, claim))) await add()
  const row = await findWindow(trx, claim.id)
  if (!row) throw new Error('a window vanished inside the transaction that wrote it')
  return row
}

function hasEnded(eb: ExpressionBuilder<Tables, 'hf_limits'>, claim: WindowClaim) {
  return eb.or([eb('ends_at', '<=', claim.now), eb('ends_at', '>', claim.horizon)])
}

/** Starts a block on a key whose window is used up; only the first of many callers does. */
export async function blockKey(trx: Trx, claim: WindowClaim, until: number): Promise<void> {
  await trx
    .updateTable('hf_limits')
    .set({ blocked: 1, ends_at: until })
    .where('id', '=', claim.id)
    .where('blocked', '=', 0)
    .where('ends_at', '>', claim.now)
    .where((eb) => eb(eb('used', '+', claim.points), '>', claim.limit))
    .execute()
}

/** Gives points back, to the window that ends at `endsAt` and to no later one. */
export async function returnPoints(
  trx: Trx,
  charge: { id: string; points: number; endsBefore: number },
): Promise<void> {
  await trx
    .updateTable('hf_limits')
    .set((eb) => ({ used: eb('used', '-', charge.points) }))
    .where('id', '=', charge.id)
    .where('blocked', '=', 0)
    .where('used', '>=', charge.points)
    .where('ends_at', '<', charge.endsBefore)
    .execute()
}

export async function deleteWindow(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('hf_limits').where('id', '=', id).execute()
}

/**
 * Deletes at most `limit` ended windows, by id and in order, so that two sweepers cannot deadlock.
 * How many it found, those included that began anew meanwhile and stay.
 */
export async function deleteEnded(trx: Trx, now: number, limit: number): Promise<number> {
  const rows = await trx
    .selectFrom('hf_limits')
    .select('id')
    .where('ends_at', '<=', now)
    .orderBy('ends_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id).sort()
  await trx.deleteFrom('hf_limits').where('id', 'in', ids).where('ends_at', '<=', now).execute()
  return rows.length
}
