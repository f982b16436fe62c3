import { affected, type Db, type Trx } from '../database/index.ts'
import type { IpRuleRow } from './table.ts'

/** Some rules, in the order of their ids. */
export interface IpRuleSlice {
  readonly after: string
  readonly limit: number
  readonly scope?: string | undefined
}

const chunk = 500

export function findIpRules(db: Db, { after, limit, scope }: IpRuleSlice): Promise<IpRuleRow[]> {
  let query = db.selectFrom('hf_ip_rules').selectAll().where('id', '>', after)
  if (scope !== undefined) query = query.where('scope', '=', scope)
  return query.orderBy('id').limit(limit).execute()
}

/** Those of these rules that are there. */
export async function findIpRulesById(db: Db, ids: readonly string[]): Promise<IpRuleRow[]> {
  const found: IpRuleRow[] = []
  for (let at = 0; at < ids.length; at += chunk) {
    const some = ids.slice(at, at + chunk)
    found.push(
      ...(await db.selectFrom('hf_ip_rules').selectAll().where('id', 'in', some).execute()),
    )
  }
  return found
}

/** The rules of a scope and an action for these ranges, at most 500. */
export function findIpRulesOf(
  db: Db,
  { action, ranges, scope }: Pick<IpRuleRow, 'action' | 'scope'> & { ranges: readonly string[] },
): Promise<IpRuleRow[]> {
  return db
    .selectFrom('hf_ip_rules')
    .selectAll()
    .where('scope', '=', scope)
    .where('action', '=', action)
    .where('range', 'in', ranges)
    .execute()
}

/** Adds rules, at most 500; the caller has seen in this transaction that none of them is there. */
export async function insertIpRules(trx: Trx, rows: readonly IpRuleRow[]): Promise<void> {
  if (rows.length > 0) await trx.insertInto('hf_ip_rules').values(rows).execute()
}

/** Gives rules another reason and another end, at most 500; how many there were. */
export async function renewIpRules(
  trx: Trx,
  ids: readonly string[],
  change: Pick<IpRuleRow, 'reason' | 'expires_at'>,
): Promise<number> {
  if (ids.length === 0) return 0
  const { expires_at, reason } = change
  const update = trx.updateTable('hf_ip_rules').set({ expires_at, reason })
  return affected(await update.where('id', 'in', ids).executeTakeFirst())
}

/** Removes a rule; false when there is none. */
export async function deleteIpRule(trx: Trx, id: string): Promise<boolean> {
  const result = await trx.deleteFrom('hf_ip_rules').where('id', '=', id).executeTakeFirst()
  return affected(result) === 1
}
