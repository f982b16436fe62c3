import type { Db, Trx } from '../database/index.ts'
import type { AuditRow } from './table.ts'

export async function insertAuditRows(trx: Trx, rows: readonly AuditRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += 100) {
    await trx
      .insertInto('hf_audit')
      .values(rows.slice(start, start + 100))
      .execute()
  }
}

export interface AuditQuery {
  readonly action?: string
  readonly actorId?: string
  readonly resourceId?: string
  /** Newest first, at most 500. */
  readonly limit: number
}

export function findAuditRows(db: Db, query: AuditQuery): Promise<AuditRow[]> {
  let select = db.selectFrom('hf_audit').selectAll()
  if (query.action !== undefined) select = select.where('action', '=', query.action)
  if (query.actorId !== undefined) select = select.where('actor_id', '=', query.actorId)
  if (query.resourceId !== undefined) select = select.where('resource_id', '=', query.resourceId)
  return select.orderBy('at', 'desc').orderBy('id', 'desc').limit(query.limit).execute()
}
