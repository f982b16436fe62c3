import type { IpRuleBefore } from './events.ts'
import type { Written } from './put-rules.ts'
import type { IpRule, IpRuleAction } from './rule.ts'
import type { IpRuleRow } from './table.ts'

/** What the record names one by one: of more it has the number. */
const mostTold = 20
const mostIds = 10

/** A change of rules, and the denials that its allowances stand in. */
export interface RuleChange {
  readonly action: IpRuleAction
  readonly scope: string
  readonly expiresAt?: number | undefined
  readonly many?: true
  readonly lifted: readonly IpRule[]
}

/** The event of rules that were written. */
export function eventOf(change: RuleChange, written: Written) {
  const { action, expiresAt, lifted, many, scope } = change
  const { added, before, renewed, rows, shortened } = written
  const end = expiresAt === undefined ? {} : { expiresAt }
  const lifts = liftsOf(lifted)
  const [row] = rows
  if (many || !row) {
    const there = groupsOf(before, row)
    return {
      name: 'ip_rules.imported',
      payload: {
        ...{ action, scope, added, renewed, shortened, ...end, ...lifts },
        ...(there.length > 0 ? { before: there } : {}),
      },
    } as const
  }
  const [was] = before
  return {
    name: 'ip_rule.added',
    resource: { kind: 'ip_rule', id: row.id },
    payload: {
      ...{ ruleId: row.id, action, range: row.range, scope, renewed: renewed > 0 },
      ...{ ...end, ...lifts },
      ...(was ? { before: { reason: was.reason, expiresAt: was.expires_at } } : {}),
    },
  } as const
}

function liftsOf(lifted: readonly IpRule[]) {
  if (lifted.length === 0) return {}
  return { lifts: lifted.slice(0, mostTold).map(({ id, range }) => ({ ruleId: id, range })) }
}

/** Rules that have another reason or end now, by the reason and the end that they had. */
function groupsOf(before: readonly IpRuleRow[], now: IpRuleRow | undefined): IpRuleBefore[] {
  const changed = before.filter(
    (row) => row.reason !== now?.reason || row.expires_at !== now.expires_at,
  )
  const groups = Map.groupBy(changed, ({ expires_at, reason }) =>
    JSON.stringify([reason, expires_at]),
  )
  return [...groups.values()].slice(0, mostTold).map((rows) => ({
    reason: rows[0]?.reason ?? null,
    expiresAt: rows[0]?.expires_at ?? null,
    rules: rows.length,
    ruleIds: rows.slice(0, mostIds).map(({ id }) => id),
  }))
}
