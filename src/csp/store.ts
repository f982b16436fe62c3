import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import { severalSenders } from './sender.ts'
import type { CspReportRow } from './table.ts'

/** What was reported, and on which day. */
export type CspFact = Omit<CspReportRow, 'reports' | 'clients' | 'sender' | 'first_at' | 'last_at'>

/** What is added to a row. */
export interface CspAddition {
  readonly reports: number
  readonly clients: number
  /** Who reported it, as `senderOf` says; absent: nobody who was not told of before. */
  readonly sender?: number | undefined
  readonly firstAt: number
  readonly lastAt: number
}

/** Adds to the row of `fact`; false when there is none yet. */
export async function addToReports(trx: Trx, id: string, more: CspAddition): Promise<boolean> {
  const result = await trx
    .updateTable('hf_csp_reports')
    .set(({ eb }) => ({
      reports: eb('reports', '+', more.reports),
      clients: eb('clients', '+', more.clients),
      last_at: more.lastAt,
    }))
    .where('id', '=', id)
    .executeTakeFirst()
  if (affected(result) !== 1) return false
  if (more.sender !== undefined) await addSender(trx, id, more.sender)
  return true
}

/** The first of a day is kept; another makes them several, whichever node it came to. */
async function addSender(trx: Trx, id: string, sender: number): Promise<void> {
  const row = trx.updateTable('hf_csp_reports').where('id', '=', id)
  await row.set({ sender }).where('sender', 'is', null).execute()
  await row.set({ sender: severalSenders }).where('sender', '<>', sender).execute()
}

/** Makes the row of `fact`, unless another node has, and adds to it. */
export async function insertReports(trx: Trx, fact: CspFact, more: CspAddition): Promise<void> {
  const empty = {
    reports: 0,
    clients: 0,
    sender: null,
    first_at: more.firstAt,
    last_at: more.lastAt,
  }
  await insertIfAbsent(trx, 'hf_csp_reports', { ...fact, ...empty })
  await addToReports(trx, fact.id, more)
}

/** Rows of a day about one directive. */
export async function countReportRows(db: Db, day: number, directive: string): Promise<number> {
  const row = await db
    .selectFrom('hf_csp_reports')
    .select(({ fn }) => fn.countAll<number | string>().as('rows'))
    .where('day', '=', day)
    .where('directive', '=', directive)
    .executeTakeFirstOrThrow()
  return Number(row.rows)
}

/** One thing that was reported, over all days asked for. Instants in epoch milliseconds. */
export interface CspFinding {
  /** `enforce`: it was blocked; `report`: a policy on trial would have blocked it. */
  readonly disposition: 'enforce' | 'report'
  readonly directive: string
  /** An origin, a scheme such as `data:`, or a keyword such as `inline` and `self`. */
  readonly blocked: string
  /** Where the script or sheet came from that did it, written like `blocked`; empty when nobody knows. */
  readonly source: string
  /** The page, by the pattern of its route. */
  readonly route: string
  readonly reports: number
  /** Clients by day and node, added up: one that reports on two days, or to two nodes, counts twice. */
  readonly clients: number
  /** Days on which it was reported. */
  readonly days: number
  readonly firstAt: number
  readonly lastAt: number
}

/** A finding, and whether more than one is behind it. */
export interface SentFinding extends CspFinding {
  /** On some day more than one client reported it, whichever nodes they came to. */
  readonly bySeveral: boolean
}

/** What was reported since the day `since`, the most frequent first. */
export async function sumReports(db: Db, since: number, limit: number): Promise<SentFinding[]> {
  const what = ['disposition', 'directive', 'blocked', 'source', 'route'] as const
  const rows = await db
    .selectFrom('hf_csp_reports')
    .select(what)
    .select(({ fn }) => [
      fn.sum<number | string>('reports').as('total'),
      fn.sum<number | string>('clients').as('senders'),
      fn.count<number | string>('day').as('days'),
      fn.min<number | string | null>('sender').as('sender'),
      fn.min('first_at').as('first'),
      fn.max('last_at').as('last'),
    ])
    .where('day', '>=', since)
    .groupBy(what)
    .orderBy('total', 'desc')
    .orderBy('directive')
    .orderBy('blocked')
    .orderBy('source')
    .orderBy('route')
    .orderBy('disposition')
    .limit(limit)
    .execute()
  return rows.map(({ days, disposition, first, last, sender, senders, total, ...row }) => ({
    ...row,
    disposition: disposition === 'report' ? 'report' : 'enforce',
    ...{ reports: Number(total), clients: Number(senders), days: Number(days) },
    ...{ firstAt: Number(first), lastAt: Number(last) },
    bySeveral: Number(sender) === severalSenders,
  }))
}

/** How many reports there are since the day `since`. */
export async function totalReports(db: Db, since: number): Promise<number> {
  const row = await db
    .selectFrom('hf_csp_reports')
    .select(({ fn }) => fn.sum<number | string | null>('reports').as('total'))
    .where('day', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(row.total ?? 0)
}

/**
 * Deletes at most `limit` rows of days before `before`, by id and in order, so that two sweepers cannot
 * deadlock; how many it found.
 */
export async function deleteReports(trx: Trx, before: number, limit: number): Promise<number> {
  const rows = await trx
    .selectFrom('hf_csp_reports')
    .select('id')
    .where('day', '<', before)
    .orderBy('day')
    .orderBy('id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id).sort()
  await trx.deleteFrom('hf_csp_reports').where('id', 'in', ids).execute()
  return rows.length
}
