import {
  affected,
  type Db,
  type DueRows,
  giveBack,
  type Lease,
  type LeaseClaim,
  listDue,
  type Trx,
  takeLease,
  unleased,
} from '../database/index.ts'
import type { MailState, OutboxRow } from './table.ts'

const pending = { table: 'hf_outbox', state: 'pending' } as const

/** How a mail ended. */
export interface MailEnd {
  readonly state: Exclude<MailState, 'pending' | 'suppressed' | 'withdrawn'>
  readonly at: number
  readonly attempts: number
  readonly errorCode?: string
}

/** When a mail that could not be delivered is tried again. */
export interface MailRetry {
  readonly nextAt: number
  /** Including the attempt that has just failed, unless it never reached the server. */
  readonly attempts: number
  readonly errorCode: string
}

export interface OutboxDepth {
  /** Mails that still wait. */
  readonly pending: number
  /** When the oldest of them was written, epoch milliseconds. */
  readonly oldestAt?: number
}

export async function insertMail(trx: Trx, row: OutboxRow): Promise<void> {
  await trx.insertInto('hf_outbox').values(row).execute()
}

/** Ids of mails that are due and free, the longest due first. */
export function listDueMails(db: Db, due: DueRows<'hf_outbox'>): Promise<string[]> {
  return listDue(db, pending, due)
}

/** Takes the lease of a mail and reads it. Undefined when another sender was faster, or when it is over. */
export function claimMail(
  trx: Trx,
  lease: Lease,
  times: LeaseClaim<'hf_outbox'>,
): Promise<OutboxRow | undefined> {
  return takeLease(trx, pending, { ...lease, ...times })
}

/**
 * Ends a mail and erases its text: if the lease is still ours, or, as it is true whoever holds the
 * lease by now, if the mail server has taken it.
 */
export async function endMail(trx: Trx, lease: Lease, end: MailEnd): Promise<void> {
  const update = trx
    .updateTable('hf_outbox')
    .set({
      state: end.state,
      sealed: null,
      recipient_tag: null,
      attempts: end.attempts,
      ...unleased,
      delivered_at: end.state === 'delivered' ? end.at : null,
      error_code: end.errorCode ?? null,
    })
    .where('id', '=', lease.id)
    .where('state', '=', 'pending')
  const ours = update.where('lease_owner', '=', lease.owner)
  await (end.state === 'delivered' ? update : ours).execute()
}

/** Gives a mail back to be tried later, if the lease is still ours. */
export async function retryMail(trx: Trx, lease: Lease, retry: MailRetry): Promise<void> {
  const { attempts, errorCode, nextAt } = retry
  const change = { next_at: nextAt, attempts, error_code: errorCode }
  await giveBack(trx, pending, { ...lease, change })
}

/** Ids of mails whose time is over and that nobody is sending. */
export async function listExpiredMails(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('hf_outbox')
    .select('id')
    .where('state', '=', 'pending')
    .where('expires_at', '<=', now)
    .where('lease_until', '<=', now)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Ends mails whose time is over and erases their text. Answers how many. */
export async function expireMails(trx: Trx, ids: readonly string[], now: number): Promise<number> {
  const result = await trx
    .updateTable('hf_outbox')
    .set({
      state: 'expired',
      sealed: null,
      recipient_tag: null,
      ...unleased,
    })
    .where('id', 'in', [...ids])
    .where('state', '=', 'pending')
    .where('expires_at', '<=', now)
    .where('lease_until', '<=', now)
    .executeTakeFirst()
  return affected(result)
}

/** Ids of at most `limit` finished mails written before `before`. */
export async function listOldMails(db: Db, before: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('hf_outbox')
    .select('id')
    .where('state', 'in', ['delivered', 'failed', 'expired', 'suppressed', 'withdrawn'])
    .where('created_at', '<', before)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Deletes finished mails by id, in the order of their ids so that two cleaners cannot deadlock. */
export async function deleteMails(trx: Trx, ids: readonly string[]): Promise<void> {
  await trx
    .deleteFrom('hf_outbox')
    .where('id', 'in', [...ids].sort())
    .where('state', '!=', 'pending')
    .execute()
}

/**
 * Ends what waits for a recipient and erases its text, and forgets for whom the others were. A mail
 * that is on its way just now may still arrive. Answers how many will not be sent.
 */
export async function withdrawMails(trx: Trx, recipientTag: string): Promise<number> {
  const result = await trx
    .updateTable('hf_outbox')
    .set({ state: 'withdrawn', sealed: null, ...unleased })
    .where('recipient_tag', '=', recipientTag)
    .where('state', '=', 'pending')
    .executeTakeFirst()
  await trx
    .updateTable('hf_outbox')
    .set({ recipient_tag: null })
    .where('recipient_tag', '=', recipientTag)
    .execute()
  return affected(result)
}

export async function readDepth(db: Db): Promise<OutboxDepth> {
  const row = await db
    .selectFrom('hf_outbox')
    .select((is) => [is.fn.countAll().as('pending'), is.fn.min('created_at').as('oldest')])
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  const pending = Number(row.pending)
  return pending === 0 ? { pending } : { pending, oldestAt: Number(row.oldest) }
}
