import {
  affected,
  type Db,
  type DueRows,
  giveBack,
  insertIfAbsent,
  type Lease,
  type LeaseClaim,
  listDue,
  type Trx,
  takeLease,
  unleased,
} from '../database/index.ts'
import type { DeliveryState, WebhookDeliveryRow } from './table.ts'

type Deliveries = 'hf_webhook_deliveries'
const waiting = { table: 'hf_webhook_deliveries', state: 'waiting' } as const

/** A delivery as people see it: everything but its payload and its lease. */
export type DeliveryRecord = Omit<
  WebhookDeliveryRow,
  'sealed' | 'id_key' | 'content_key' | 'lease_owner' | 'lease_until'
>

const shown = [
  ...['id', 'receiver', 'provider', 'remote_id', 'topic', 'state', 'attempts'],
  ...['next_at', 'received_at', 'ended_at', 'expires_at', 'error_code'],
] as (keyof DeliveryRecord)[]

/** Writes a delivery unless it was taken before; of many at once, one writes it. */
export function insertDelivery(trx: Trx, row: WebhookDeliveryRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_webhook_deliveries', row)
}

/** The provider's name of the delivery with this content that a webhook has taken; undefined when none. */
export async function findTakenId(
  db: Db,
  receiver: string,
  contentKey: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('hf_webhook_deliveries')
    .select('remote_id')
    .where('receiver', '=', receiver)
    .where('content_key', '=', contentKey)
    .executeTakeFirst()
  return row?.remote_id ?? undefined
}

/** Ids of deliveries for a webhook that are due and free, the longest due first. */
export function listDueDeliveries(
  db: Db,
  receiver: string,
  due: Omit<DueRows<Deliveries>, 'among'>,
): Promise<string[]> {
  return listDue(db, waiting, { ...due, among: { receiver } })
}

/**
 * Takes the lease of a delivery and counts the attempt at once: a handler that ends its process is
 * counted too. Undefined when another node was faster, or when it is over.
 */
export function claimDelivery(
  trx: Trx,
  lease: Lease,
  times: Omit<LeaseClaim<Deliveries>, 'counter'>,
): Promise<WebhookDeliveryRow | undefined> {
  return takeLease(trx, waiting, { ...lease, ...times, counter: 'attempts' })
}

/** Ends a delivery as done and erases its payload. It is done whoever holds the lease by now. */
export async function finishDelivery(trx: Trx, id: string, at: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_webhook_deliveries')
    .set({
      state: 'done',
      sealed: null,
      ...unleased,
      ended_at: at,
      error_code: null,
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return affected(result) === 1
}

/** What follows a failure: another attempt at `nextAt`, or, with `parkedAt`, none. */
export interface DeliveryFailure {
  readonly errorCode: string
  readonly nextAt: number
  readonly parkedAt?: number
}

/** Gives a delivery back after a failure, if the lease is still ours. */
export function failDelivery(
  trx: Trx,
  lease: Lease,
  { errorCode, nextAt, parkedAt }: DeliveryFailure,
): Promise<boolean> {
  const change = {
    state: parkedAt === undefined ? 'waiting' : 'failed',
    next_at: nextAt,
    ended_at: parkedAt ?? null,
    error_code: errorCode,
  } as const
  return giveBack(trx, waiting, { ...lease, change })
}

/** Makes a delivery that was given up wait again, its attempts begun anew. False for any other. */
export async function reviveDelivery(trx: Trx, id: string, now: number): Promise<boolean> {
  const result = await trx
    .updateTable('hf_webhook_deliveries')
    .set({ state: 'waiting', attempts: 0, next_at: now, ended_at: null })
    .where('id', '=', id)
    .where('state', '=', 'failed')
    .where('sealed', 'is not', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** One delivery by its id. */
export async function findDelivery(db: Db, id: string): Promise<DeliveryRecord | undefined> {
  return db
    .selectFrom('hf_webhook_deliveries')
    .select(shown)
    .where('id', '=', id)
    .executeTakeFirst() as Promise<DeliveryRecord | undefined>
}

/** Which deliveries are looked for. */
export interface DeliveryQuery {
  readonly state?: DeliveryState | undefined
  /** The option `name` of a webhook. */
  readonly webhook?: string | undefined
  readonly limit: number
  /** Where the page before ended: `receivedAt` and `id` of its last delivery. */
  readonly after?: { readonly at: number; readonly id: string } | undefined
}

/** Deliveries, newest first. */
export async function listDeliveries(db: Db, query: DeliveryQuery): Promise<DeliveryRecord[]> {
  const { after, limit, state, webhook } = query
  let select = db.selectFrom('hf_webhook_deliveries').select(shown)
  if (state !== undefined) select = select.where('state', '=', state)
  if (webhook !== undefined) select = select.where('receiver', '=', webhook)
  if (after) {
    select = select.where((is) =>
      is.or([
        is('received_at', '<', after.at),
        is.and([is('received_at', '=', after.at), is('id', '<', after.id)]),
      ]),
    )
  }
  const rows = await select
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows as DeliveryRecord[]
}

/** Ids of at most `limit` deliveries that need not be remembered any more; what waits is never one. */
export async function listForgettable(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('hf_webhook_deliveries')
    .select('id')
    .where('expires_at', '<=', now)
    .where('state', 'in', ['done', 'failed'])
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Forgets deliveries by id, in their order so that two cleaners cannot deadlock. */
export async function deleteDeliveries(
  trx: Trx,
  ids: readonly string[],
  now: number,
): Promise<void> {
  await trx
    .deleteFrom('hf_webhook_deliveries')
    .where('id', 'in', [...ids].sort())
    .where('expires_at', '<=', now)
    .where('state', 'in', ['done', 'failed'])
    .execute()
}

/** How many deliveries there are to look after. */
export interface WebhookDepth {
  /** Deliveries that wait for their handler. */
  readonly waiting: number
  /** When the oldest of them came, epoch milliseconds. */
  readonly oldestAt?: number
  /** Deliveries that were given up. */
  readonly failed: number
}

/** Counts what waits and what was given up. */
export async function readWebhookDepth(db: Db): Promise<WebhookDepth> {
  const rows = await db
    .selectFrom('hf_webhook_deliveries')
    .select((is) => ['state', is.fn.countAll().as('count'), is.fn.min('received_at').as('oldest')])
    .where('state', 'in', ['waiting', 'failed'])
    .groupBy('state')
    .execute()
  const [waiting, failed] = ['waiting', 'failed'].map((state) =>
    rows.find((row) => row.state === state),
  )
  return {
    waiting: Number(waiting?.count ?? 0),
    ...(waiting ? { oldestAt: Number(waiting.oldest) } : {}),
    failed: Number(failed?.count ?? 0),
  }
}
