import { z } from 'zod'
import { addDays, type Day, isDay, lengthOf, type Period } from './days.ts'

/** Longest range of one report: three years with a leap day, and the day at its other end. */
const MAX_DAYS = 1097

const day = z
  .string('must be one day, written YYYY-MM-DD')
  .refine(isDay, 'must be a day of the calendar, written YYYY-MM-DD')

const reportQuery = z
  .strictObject({
    from: day.optional(),
    to: day.optional(),
    store: z.string('must be one store').max(40, 'is no store').optional(),
  })
  .refine(({ from, to }) => !from || !to || from <= to, {
    path: ['from'],
    message: 'must not be after to',
  })

/** What a report is asked for. */
export interface ReportQuery {
  readonly period: Period
  readonly storeId: string | undefined
}

/** One fault of the query: the parameter, and what is wrong with it. */
export interface QueryFault {
  readonly name: string
  readonly detail: string
}

export type QueryResult =
  | { readonly kind: 'ok'; readonly query: ReportQuery }
  | { readonly kind: 'refused'; readonly faults: readonly QueryFault[] }

/**
 * Reads `from`, `to` and `store`. A day left out is the end of `lastYear` on its side; an empty store
 * is every store. Unknown and repeated parameters are refused.
 */
export function readReportQuery(query: unknown, lastYear: Period): QueryResult {
  const parsed = reportQuery.safeParse(query)
  if (!parsed.success) return { kind: 'refused', faults: parsed.error.issues.flatMap(faultsOf) }
  const { from = lastYear.from, to = lastYear.to, store } = parsed.data
  const period = { from, to }
  if (from > to) return refused('from', 'must not be after to')
  if (lengthOf(period) > MAX_DAYS) return refused('to', 'must be within three years of from')
  return { kind: 'ok', query: { period, storeId: store || undefined } }
}

/** The year that ends with a company's last day on record, or with today when it has none. */
export function lastYearOf(coverage: Period | undefined, today: Day): Period {
  const to = coverage?.to ?? today
  return { from: addDays(to, -364), to }
}

function refused(name: string, detail: string): QueryResult {
  return { kind: 'refused', faults: [{ name, detail }] }
}

function faultsOf(issue: z.core.$ZodIssue): QueryFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ name, detail: 'is not a parameter of this report' }))
  }
  return [{ name: issue.path.join('.'), detail: issue.message }]
}
