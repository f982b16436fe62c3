import { bumpCounter, type Db, json, type Trx } from '../database/index.ts'
import { latestExamples, type RefusalCount, type RefusalExample } from './refusal-count.ts'
import type { ShieldRefusalRow } from './table.ts'

const keys = ['day', 'control', 'rule', 'route', 'enforced'] as const

/** Adds counts to those of other nodes. */
export async function addRefusals(trx: Trx, counts: readonly RefusalCount[]): Promise<void> {
  for (const one of counts) await addRefusal(trx, one)
}

async function addRefusal(trx: Trx, one: RefusalCount): Promise<void> {
  const { control, count, day, firstAt, lastAt, requests, route, rule } = one
  const key = { day, control, rule, route, enforced: one.enforced ? 1 : 0 }
  const shown = { examples: json.encode(one.examples), last_at: lastAt }
  const row = { ...key, ...shown, requests, refusals: count, first_at: firstAt }
  const total = await bumpCounter(trx, 'hf_shield_refusals', row, {
    ...{ column: 'refusals', keys, by: count },
  })
  if (total > count) await addRest(trx, key, one)
}

type Key = Pick<ShieldRefusalRow, (typeof keys)[number]>

/** The counter has been raised before, so the row is held until the transaction ends. */
async function addRest(
  trx: Trx,
  key: Key,
  { examples, lastAt, requests }: RefusalCount,
): Promise<void> {
  const row = await trx
    .selectFrom('hf_shield_refusals')
    .select(['examples', 'last_at', 'requests'])
    .where((eb) => eb.and(key))
    .executeTakeFirstOrThrow()
  const known = json.decode<readonly RefusalExample[]>(row.examples)
  const shown = latestExamples([...known, ...examples])
  await trx
    .updateTable('hf_shield_refusals')
    .set({
      ...{ examples: json.encode(shown), requests: row.requests + requests },
      last_at: Math.max(row.last_at, lastAt),
    })
    .where((eb) => eb.and(key))
    .execute()
}

/** Which rows a report is about. */
export interface RefusalRange {
  /** Epoch milliseconds; the first instant of a day. */
  readonly since: number
  /** Absent: both. */
  readonly enforced?: boolean | undefined
  readonly limit: number
}

/** A line of a report. */
export interface RefusalSum {
  readonly control: string
  readonly rule: string
  readonly route: string
  readonly enforced: boolean
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** By control, rule and route, over all days; the most frequent first. */
export async function sumRefusals(db: Db, range: RefusalRange): Promise<RefusalSum[]> {
  const rows = await rowsOf(db, range)
    .select(['control', 'rule', 'route', 'enforced'])
    .select(({ fn }) => [
      fn.sum<number | string>('refusals').as('total'),
      fn.min('first_at').as('first'),
      fn.max('last_at').as('last'),
    ])
    .groupBy(['control', 'rule', 'route', 'enforced'])
    .orderBy('total', 'desc')
    .orderBy('control')
    .orderBy('rule')
    .orderBy('route')
    .limit(range.limit)
    .execute()
  return rows.map(({ control, enforced, first, last, route, rule, total }) => ({
    ...{ control, rule, route, enforced: enforced === 1 },
    ...{ count: Number(total), firstAt: Number(first), lastAt: Number(last) },
  }))
}

/** How often each control spoke, and in how many requests. */
export interface ControlTotal {
  readonly control: string
  readonly enforced: boolean
  readonly count: number
  readonly requests: number
}

export async function totalRefusals(
  db: Db,
  range: Omit<RefusalRange, 'limit'>,
): Promise<ControlTotal[]> {
  const rows = await rowsOf(db, range)
    .select(['control', 'enforced'])
    .select(({ fn }) => [
      fn.sum<number | string>('refusals').as('total'),
      fn.sum<number | string>('requests').as('asked'),
    ])
    .groupBy(['control', 'enforced'])
    .orderBy('control')
    .orderBy('enforced')
    .execute()
  return rows.map(({ asked, control, enforced, total }) => ({
    control,
    enforced: enforced === 1,
    count: Number(total),
    requests: Number(asked),
  }))
}

/** Rows with examples, the latest first. */
export interface RefusalExamples
  extends Pick<RefusalSum, 'control' | 'rule' | 'route' | 'enforced'> {
  readonly examples: readonly RefusalExample[]
}

export async function findExamples(db: Db, range: RefusalRange): Promise<RefusalExamples[]> {
  const rows = await rowsOf(db, range)
    .select(['control', 'rule', 'route', 'enforced', 'examples'])
    .orderBy('last_at', 'desc')
    .limit(range.limit)
    .execute()
  return rows.map(({ examples, ...row }) => ({
    ...row,
    enforced: row.enforced === 1,
    examples: json.decode<readonly RefusalExample[]>(examples),
  }))
}

function rowsOf(db: Db, { enforced, since }: Omit<RefusalRange, 'limit'>) {
  const rows = db.selectFrom('hf_shield_refusals').where('day', '>=', since)
  return enforced === undefined ? rows : rows.where('enforced', '=', enforced ? 1 : 0)
}

/** Deletes the days before `before`. */
export async function deleteRefusals(trx: Trx, before: number): Promise<void> {
  await trx.deleteFrom('hf_shield_refusals').where('day', '<', before).execute()
}
