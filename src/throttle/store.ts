import type { ExpressionBuilder } from 'kysely'
import {
  affected,
  bumpCounter,
  type Db,
  insertIfAbsent,
  type Tables,
  type Trx,
} from '../database/index.ts'
import type { LaneState } from './rules.ts'
import type { GuessRow } from './table.ts'

/** The key of one lane. */
export interface LaneKey {
  readonly subject: string
  readonly lane: string
}

/** These lanes of one subject or of several, in one read. */
export function findLanes(
  db: Db,
  subjects: readonly string[],
  lanes: readonly string[],
): Promise<GuessRow[]> {
  return db
    .selectFrom('hf_guesses')
    .selectAll()
    .where('subject', 'in', [...subjects])
    .where('lane', 'in', [...lanes])
    .execute()
}

/** Everything that a subject's lanes remember, but for the shares of single clients. */
export function findLanesOf(db: Db, subject: string): Promise<GuessRow[]> {
  return db
    .selectFrom('hf_guesses')
    .selectAll()
    .where('subject', '=', subject)
    .where('lane', 'not like', 'from:%')
    .where('lane', 'not like', 'own:%')
    .execute()
}

/** Opens a lane with its first guess; false when another caller was faster. */
export function insertLane(trx: Trx, key: LaneKey, next: LaneState): Promise<boolean> {
  const { lane, subject } = key
  const row = { subject, lane, ...columnsOf(next), last_failure_at: null, attacked_at: null }
  return insertIfAbsent(trx, 'hf_guesses', row)
}

/**
 * Counts one guess if the lane is still as it was when its rules were asked; false when another guess
 * came between. This one statement is the whole decision: of any number at once one gets through.
 */
export async function advanceLane(
  trx: Trx,
  key: LaneKey,
  step: { readonly from: LaneState; readonly to: LaneState },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_guesses')
    .set(columnsOf(step.to))
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .where('guesses', '=', step.from.guesses)
    .where('streak', '=', step.from.streak)
    .where('open_at', '=', step.from.openAt)
    .where('last_at', '=', step.from.lastAt)
    .executeTakeFirst()
  return affected(result) === 1
}

/** What is given back to a lane by a success. */
export interface GuessRefund {
  readonly guesses: number
  readonly streak: number
  /** `open_at` as this guess left it. A later guess has another, and keeps it. */
  readonly openAt: number
  readonly now: number
}

/** Gives guesses back, never below none, and takes back the delay that this guess began. */
export async function refundLane(trx: Trx, key: LaneKey, refund: GuessRefund): Promise<void> {
  await trx
    .updateTable('hf_guesses')
    .set((eb) => ({
      guesses: less(eb, 'guesses', refund.guesses),
      streak: less(eb, 'streak', refund.streak),
      open_at: eb
        .case()
        .when('open_at', '=', refund.openAt)
        .then(refund.now)
        .else(eb.ref('open_at'))
        .end(),
    }))
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .execute()
}

/**
 * Deletes a lane that holds no guess any more. An account that nobody guesses at has no row, like a name
 * that nobody has: what its next guess costs tells nothing.
 */
export async function deleteClean(trx: Trx, key: LaneKey): Promise<void> {
  await trx
    .deleteFrom('hf_guesses')
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .where('guesses', '=', 0)
    .where('streak', '=', 0)
    .execute()
}

/** A lane in which nobody has guessed wrongly. */
export async function resetLane(trx: Trx, key: LaneKey, now: number): Promise<void> {
  await trx
    .updateTable('hf_guesses')
    .set({ guesses: 0, streak: 0, open_at: now })
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .execute()
}

export async function noteLaneFailure(trx: Trx, key: LaneKey, at: number): Promise<void> {
  await trx
    .updateTable('hf_guesses')
    .set({ last_failure_at: at })
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .execute()
}

/** Whether this caller is the one to tell of an attack: true once in `everyMs`. */
export async function claimWarning(
  trx: Trx,
  key: LaneKey,
  when: { readonly now: number; readonly everyMs: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_guesses')
    .set({ attacked_at: when.now })
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .where((eb) =>
      eb.or([eb('attacked_at', 'is', null), eb('attacked_at', '<=', when.now - when.everyMs)]),
    )
    .executeTakeFirst()
  return affected(result) === 1
}

/** Adds one to what a client, or a device under a lock for everyone, has failed. */
export async function addToShare(trx: Trx, key: LaneKey, now: number): Promise<void> {
  const fresh = { streak: 0, open_at: 0, last_failure_at: null, attacked_at: null }
  const row = { ...key, ...fresh, last_at: now }
  await bumpCounter(trx, 'hf_guesses', row, { column: 'guesses', keys: ['subject', 'lane'] })
}

/** Adds one to a row that counts tries, which begins anew when it has seen none after `since`. */
export async function countTry(
  trx: Trx,
  key: LaneKey,
  when: { readonly now: number; readonly since: number },
): Promise<void> {
  if (await addTry(trx, key, when)) return
  const { lane, subject } = key
  const fresh = { streak: 0, open_at: 0, last_failure_at: null, attacked_at: null }
  const row = { subject, lane, ...fresh, guesses: 1, last_at: when.now }
  if (!(await insertIfAbsent(trx, 'hf_guesses', row))) await addTry(trx, key, when)
}

/** MySQL sets columns one after the other, so `last_at` comes last. */
async function addTry(
  trx: Trx,
  key: LaneKey,
  when: { readonly now: number; readonly since: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_guesses')
    .set((eb) => ({
      guesses: eb
        .case()
        .when('last_at', '>', when.since)
        .then(eb('guesses', '+', 1))
        .else(1)
        .end(),
      last_at: when.now,
    }))
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes the share of a client away and answers it, once; 0 when there is none after `since`. */
export async function takeShare(trx: Trx, key: LaneKey, since = -1): Promise<number> {
  const [row] = await findLanes(trx, [key.subject], [key.lane])
  if (!row) return 0
  const result = await trx
    .deleteFrom('hf_guesses')
    .where('subject', '=', key.subject)
    .where('lane', '=', key.lane)
    .where('guesses', '=', row.guesses)
    .executeTakeFirst()
  return affected(result) === 1 && row.last_at > since ? row.guesses : 0
}

/** Deletes the lanes of a subject, or one of them with those that its name and a colon begin. */
export async function deleteLanes(trx: Trx, subject: string, lane?: string): Promise<void> {
  let query = trx.deleteFrom('hf_guesses').where('subject', '=', subject)
  if (lane !== undefined) {
    query = query.where((eb) => eb.or([eb('lane', '=', lane), eb('lane', 'like', `${lane}:%`)]))
  }
  await query.execute()
}

/**
 * Forgets at most `limit` lanes that saw no guess since `before`; how many it found. It must not ask
 * whose they are: a lane that outlived another would tell which name has an account.
 */
export async function deleteQuietLanes(trx: Trx, before: number, limit: number): Promise<number> {
  const rows = await trx
    .selectFrom('hf_guesses')
    .select(['subject', 'lane'])
    .where('last_at', '<', before)
    .orderBy('last_at')
    .limit(limit)
    .execute()
  return deleteThose(trx, rows, before)
}

/** The same for subjects that begin with `prefix`, which ends in a colon; names are compared by bytes. */
export async function deleteQuietSubjects(
  trx: Trx,
  prefix: string,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_guesses')
    .select(['subject', 'lane'])
    .where('subject', '>=', prefix)
    .where('subject', '<', prefix.replace(/:$/, ';'))
    .where('last_at', '<', before)
    .limit(limit)
    .execute()
  return deleteThose(trx, rows, before)
}

async function deleteThose(trx: Trx, rows: readonly LaneKey[], before: number): Promise<number> {
  for (const { subject, lane } of rows) {
    await trx
      .deleteFrom('hf_guesses')
      .where('subject', '=', subject)
      .where('lane', '=', lane)
      .where('last_at', '<', before)
      .execute()
  }
  return rows.length
}

/** The state of a row, for the rules. */
export function stateOfRow(row: GuessRow): LaneState {
  return { guesses: row.guesses, streak: row.streak, openAt: row.open_at, lastAt: row.last_at }
}

/** The last failure that any of the lanes remembers. */
export function lastFailure(rows: readonly GuessRow[]): number | null {
  const last = Math.max(0, ...rows.map((row) => row.last_failure_at ?? 0))
  return last === 0 ? null : last
}

function columnsOf(state: LaneState) {
  return {
    guesses: state.guesses,
    streak: state.streak,
    open_at: state.openAt,
    last_at: state.lastAt,
  }
}

function less(
  eb: ExpressionBuilder<Tables, 'hf_guesses'>,
  column: 'guesses' | 'streak',
  by: number,
) {
  return eb
    .case()
    .when(column, '>=', by)
    .then(eb(column, '-', by))
    .else(0)
    .end()
}
