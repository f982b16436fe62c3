import { type SqlBool, sql } from 'kysely'
import type { RowFilter } from '../http/index.ts'

/** The filter of whoever may touch every row, or none. */
export function constantFilter(reach: 'all' | 'none'): RowFilter {
  const text = reach === 'all' ? '(1 = 1)' : '(1 = 0)'
  return Object.freeze({
    reach,
    kysely: () => sql.raw<SqlBool>(text),
    sql: () => ({ text, parameters: [] }),
    check: () => reach === 'all',
  })
}
