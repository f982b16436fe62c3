import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { affected } from './portable.ts'
import type { Db, Tables, Trx } from './types.ts'

/** What a row of work is told by, whatever else it holds. */
interface LeasedRow {
  readonly id: string
  readonly state: string
  readonly next_at: number
  readonly lease_owner: string | null
  readonly lease_until: number
}

/** Tables whose rows wait for somebody who takes a lease on one and does its work. */
type LeasedTable = {
  [T in keyof Tables & string]: Tables[T] extends LeasedRow ? T : never
}[keyof Tables & string]

type Loose = Record<string, LeasedRow & Record<string, unknown>>
type Change<T extends LeasedTable> = Partial<Tables[T]>

/** Rows of one table that wait. */
export interface WaitingRows<T extends LeasedTable> {
  readonly table: T
  /** The state of a row that waits or is being worked on. */
  readonly state: Tables[T]['state']
}

/** The right to work on one row, until the lease runs out. */
export interface Lease {
  readonly id: string
  readonly owner: string
}

/** Which rows are looked for. */
export interface DueRows<T extends LeasedTable> {
  readonly now: number
  readonly limit: number
  /** Values that a row has to have besides. */
  readonly among?: Change<T>
}

/** Instants of a claim, and the column that counts claims, where one does. */
export interface LeaseClaim<T extends LeasedTable> {
  readonly now: number
  readonly leaseUntil: number
  readonly counter?: keyof Tables[T] & string
}

/** What a row holds that nobody works on. */
export const unleased = Object.freeze({ lease_owner: null, lease_until: 0 })

/** Ids of rows that are due and free, the longest due first. */
export async function listDue<T extends LeasedTable>(
  db: Db,
  { state, table }: WaitingRows<T>,
  { among = {}, limit, now }: DueRows<T>,
): Promise<string[]> {
  let due = loose(db)
    .selectFrom<string>(table)
    .select('id')
    .where('state', '=', state)
    .where('next_at', '<=', now)
    .where('lease_until', '<=', now)
  for (const [column, value] of Object.entries(among)) due = due.where(column, '=', value)
  const rows = await due.orderBy('next_at').orderBy('id').limit(limit).execute()
  return rows.map(({ id }) => id)
}

/**
 * Takes the lease of a row that is due and free, in one conditional statement, and reads the row. Undefined
 * when somebody was faster, or when it waits no longer.
 */
export async function takeLease<T extends LeasedTable>(
  trx: Trx,
  { state, table }: WaitingRows<T>,
  { counter, id, leaseUntil, now, owner }: Lease & LeaseClaim<T>,
): Promise<Selectable<Tables[T]> | undefined> {
  const db = loose(trx)
  const counted = counter === undefined ? {} : { [counter]: sql`${sql.ref(counter)} + 1` }
  const result = await db
    .updateTable<string>(table)
    .set({ ...counted, lease_owner: owner, lease_until: leaseUntil })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('next_at', '<=', now)
    .where('lease_until', '<=', now)
    .executeTakeFirst()
  if (affected(result) !== 1) return undefined
  const found = db.selectFrom<string>(table).selectAll().where('id', '=', id)
  return (await found.executeTakeFirstOrThrow()) as Selectable<Tables[T]>
}

/** Gives a row back with what has changed, if the lease is still ours. */
export async function giveBack<T extends LeasedTable>(
  trx: Trx,
  { state, table }: WaitingRows<T>,
  { change, id, owner }: Lease & { readonly change: Change<T> },
): Promise<boolean> {
  const result = await loose(trx)
    .updateTable<string>(table)
    .set({ ...change, ...unleased })
    .where('id', '=', id)
    .where('state', '=', state)
    .where('lease_owner', '=', owner)
    .executeTakeFirst()
  return affected(result) === 1
}

/** The helpers take any table of work; their own types have checked the row. */
function loose(handle: Db): Kysely<Loose>
function loose(handle: Trx): Transaction<Loose>
function loose(handle: Db | Trx): unknown {
  return handle
}
