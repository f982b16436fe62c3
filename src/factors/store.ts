import { affected, type Db, type Trx, upsert } from '../database/index.ts'
import type { RecoveryCodeRow, TotpRow } from './table.ts'

export function findTotp(db: Db, userId: string): Promise<TotpRow | undefined> {
  return db.selectFrom('hf_totp').selectAll().where('user_id', '=', userId).executeTakeFirst()
}

/** Puts a secret that waits for its first code beside the live one, in place of one that waited. */
export async function putPendingTotp(
  trx: Trx,
  userId: string,
  pending: { readonly secret: string; readonly at: number; readonly holder?: string | undefined },
): Promise<void> {
  const row = {
    ...{ user_id: userId, secret: null, confirmed_at: null, last_step: 0 },
    ...{ pending_secret: pending.secret, pending_at: pending.at },
    ...{ pending_for: pending.holder ?? null, pending_tries: 0 },
  }
  await upsert(trx, 'hf_totp', row, {
    keys: ['user_id'],
    update: ['pending_secret', 'pending_at', 'pending_for', 'pending_tries'],
  })
}

/**
 * Counts one try at the first code of a secret that has waited since `since` or later, unless `most` were
 * counted; false when they were, and where none waits. Of any number at once no more get true.
 */
export async function countPendingTry(
  trx: Trx,
  userId: string,
  { most, since }: { readonly most: number; readonly since: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_totp')
    .set((eb) => ({ pending_tries: eb(eb.fn.coalesce('pending_tries', eb.lit(0)), '+', 1) }))
    .where('user_id', '=', userId)
    .where('pending_secret', 'is not', null)
    .where('pending_at', '>', since)
    .where((eb) => eb.or([eb('pending_tries', 'is', null), eb('pending_tries', '<', most)]))
    .executeTakeFirst()
  return affected(result) === 1
}

/** A secret that becomes the live one. */
export interface LiveTotp {
  /** Sealed. */
  readonly secret: string
  readonly lastStep: number
  readonly at: number
}

/** Makes the waiting secret the live one, if it is still `live.secret`; of many callers one gets true. */
export async function confirmTotp(trx: Trx, userId: string, live: LiveTotp): Promise<boolean> {
  const result = await trx
    .updateTable('hf_totp')
    .set(columnsOf(live))
    .where('user_id', '=', userId)
    .where('pending_secret', '=', live.secret)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Puts a live secret in place of whatever was there. */
export async function putLiveTotp(trx: Trx, userId: string, live: LiveTotp): Promise<void> {
  const columns = columnsOf(live)
  await upsert(
    trx,
    'hf_totp',
    { user_id: userId, ...columns },
    { keys: ['user_id'], update: columns },
  )
}

/**
 * Spends a step and all before it, if the secret is still the one that was asked. This one statement
 * is the whole decision: of any number at once, on any number of nodes, one gets true.
 */
export async function spendStep(
  trx: Trx,
  userId: string,
  spent: { readonly secret: string; readonly step: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_totp')
    .set({ last_step: spent.step })
    .where('user_id', '=', userId)
    .where('secret', '=', spent.secret)
    .where('last_step', '<', spent.step)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Takes every secret of an account away; whether a live one was among them. */
export async function deleteTotp(trx: Trx, userId: string): Promise<boolean> {
  const live = await trx
    .deleteFrom('hf_totp')
    .where('user_id', '=', userId)
    .where('secret', 'is not', null)
    .executeTakeFirst()
  if (affected(live) === 1) return true
  await trx.deleteFrom('hf_totp').where('user_id', '=', userId).execute()
  return false
}

/** Takes a secret away that was confirmed at `since` or later; false when there is none. */
export async function deleteTotpSince(trx: Trx, userId: string, since: number): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_totp')
    .where('user_id', '=', userId)
    .where('confirmed_at', '>=', since)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Forgets a secret that waits for its first code; the live one stays. */
export async function dropPendingTotp(trx: Trx, userId: string): Promise<void> {
  await trx.updateTable('hf_totp').set(nothingPending).where('user_id', '=', userId).execute()
}

export async function insertRecoveryCodes(
  trx: Trx,
  rows: readonly RecoveryCodeRow[],
): Promise<void> {
  await trx.insertInto('hf_recovery_codes').values(rows).execute()
}

/** Spends a code; false when the account has no such code, or it was spent. One caller gets true. */
export async function consumeRecoveryCode(
  trx: Trx,
  userId: string,
  code: { readonly hash: string; readonly now: number },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_recovery_codes')
    .set({ used_at: code.now })
    .where('user_id', '=', userId)
    .where('code_hash', '=', code.hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** How many codes of an account still work. */
export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('hf_recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.left)
}

/** Deletes the codes of an account that were made at `since` or later. */
export async function deleteRecoveryCodes(trx: Trx, userId: string, since = 0): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_recovery_codes')
    .where('user_id', '=', userId)
    .where('created_at', '>=', since)
    .executeTakeFirst()
  return affected(result) > 0
}

const nothingPending = {
  ...{ pending_secret: null, pending_at: null },
  ...{ pending_for: null, pending_tries: null },
}

function columnsOf({ at, lastStep, secret }: LiveTotp) {
  return {
    ...{ secret, confirmed_at: at, last_step: lastStep },
    ...nothingPending,
  }
}
