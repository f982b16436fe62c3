import type { ExpressionBuilder } from 'kysely'
import { affected, type Db, deleteExpired, type Tables, type Trx } from '../database/index.ts'
import type { FlowPurpose, FlowRow } from './table.ts'

/** Which flow somebody means, all of it: a part that does not match is no flow. */
export interface FlowKey {
  readonly tokenHash: string
  readonly browserHash: string
  /** Of its account. */
  readonly realm: string
  readonly purpose: FlowPurpose
  readonly now: number
  /** A flow in which so many proofs were tried is over. */
  readonly mostAttempts: number
}

export async function insertFlow(trx: Trx, row: FlowRow): Promise<void> {
  await trx.insertInto('hf_sign_in_flows').values(row).execute()
}

/** A flow that goes on. */
export function findFlow(db: Db, key: FlowKey): Promise<FlowRow | undefined> {
  return db
    .selectFrom('hf_sign_in_flows')
    .selectAll()
    .where('token_hash', '=', key.tokenHash)
    .where('browser_hash', '=', key.browserHash)
    .where('purpose', '=', key.purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', key.now)
    .where('attempts', '<', key.mostAttempts)
    .where((eb) => isOfRealm(eb, key.realm))
    .executeTakeFirst()
}

/** The realm of an account never changes, so it need not be kept with the flow. */
function isOfRealm(eb: ExpressionBuilder<Tables, 'hf_sign_in_flows'>, realm: string) {
  return eb.exists(
    eb
      .selectFrom('hf_users')
      .select('hf_users.id')
      .whereRef('hf_users.id', '=', 'hf_sign_in_flows.user_id')
      .where('hf_users.realm', '=', realm),
  )
}

/**
 * Counts one attempt in a flow that goes on; false otherwise. This one statement is the whole decision:
 * of any number at once only so many as the flow has left get through.
 */
export async function countAttempt(trx: Trx, key: FlowKey): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sign_in_flows')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('token_hash', '=', key.tokenHash)
    .where('browser_hash', '=', key.browserHash)
    .where('purpose', '=', key.purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', key.now)
    .where('attempts', '<', key.mostAttempts)
    .where((eb) => isOfRealm(eb, key.realm))
    .executeTakeFirst()
  return affected(result) === 1
}

export function findFlowByHash(db: Db, tokenHash: string): Promise<FlowRow | undefined> {
  return db
    .selectFrom('hf_sign_in_flows')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

/** Finishes a flow; false when it is finished or over. Exactly one of many callers gets true. */
export async function consumeFlow(trx: Trx, tokenHash: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_sign_in_flows')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Finishes a flow of this browser, whatever for, if it goes on. */
export async function endFlow(
  trx: Trx,
  { browserHash, now, tokenHash }: Pick<FlowKey, 'browserHash' | 'now' | 'tokenHash'>,
): Promise<void> {
  await trx
    .updateTable('hf_sign_in_flows')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('browser_hash', '=', browserHash)
    .where('used_at', 'is', null)
    .execute()
}

/** Deletes at most `limit` flows that were over before `before`; how many it found. */
export function deleteFlows(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_sign_in_flows', key: 'token_hash', before }, limit)
}
