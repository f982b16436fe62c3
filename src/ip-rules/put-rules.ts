import type { Trx } from '../database/index.ts'
import { ipRuleErrors } from './errors.ts'
import { findIpRulesOf, insertIpRules, renewIpRules } from './store.ts'
import type { IpRuleRow } from './table.ts'

const chunk = 500

/** What was written. */
export interface Written {
  readonly rows: readonly IpRuleRow[]
  readonly added: number
  /** Were there already, and have the new end and reason now. */
  readonly renewed: number
  /** Of these, how many end earlier than they would have. */
  readonly shortened: number
  /** Those that were there, as they were. */
  readonly before: readonly IpRuleRow[]
}

export interface PutOptions {
  /** Whether a rule that is there may get an earlier end: to end a rule soon is to end it. */
  readonly mayShorten: boolean
}

/**
 * Inserts what is not there and renews what is; all rows have one scope, action, reason and end. Throws
 * `ip_rule_would_end`.
 */
export async function putRows(
  trx: Trx,
  rows: readonly IpRuleRow[],
  { mayShorten }: PutOptions,
): Promise<Written> {
  const written: IpRuleRow[] = []
  const there: IpRuleRow[] = []
  for (let at = 0; at < rows.length; at += chunk) {
    const some = rows.slice(at, at + chunk)
    const [first] = some
    if (!first) break
    const found = await findIpRulesOf(trx, { ...first, ranges: some.map(({ range }) => range) })
    const known = new Map(found.map((row) => [row.range, row]))
    const { expires_at, reason } = first
    const ids = found.map(({ id }) => id)
    if (!mayShorten && found.some((row) => endsLater(row, first))) {
      throw ipRuleErrors.ip_rule_would_end()
    }
    await renewIpRules(trx, ids, { expires_at, reason })
    const fresh = some.filter(({ range }) => !known.has(range))
    await insertIpRules(trx, fresh)
    there.push(...found)
    written.push(...some.map((row) => ({ ...row, ...known.get(row.range), expires_at, reason })))
  }
  const [first] = rows
  const shortened = there.filter((row) => first && endsLater(row, first)).length
  const renewed = there.length
  return { rows: written, added: rows.length - renewed, renewed, shortened, before: there }
}

function endsLater(one: IpRuleRow, other: IpRuleRow): boolean {
  return endOf(one) > endOf(other)
}

function endOf({ expires_at }: IpRuleRow): number {
  return expires_at ?? Number.POSITIVE_INFINITY
}
