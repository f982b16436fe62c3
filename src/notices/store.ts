import { affected, insertIfAbsent, type Trx } from '../database/index.ts'
import type { NoticeRow } from './table.ts'

/**
 * Notes that a notice is told now, unless it was told since `since`. Of many callers at once exactly one
 * gets true.
 */
export async function claimNotice(trx: Trx, row: NoticeRow, since: number): Promise<boolean> {
  if (await insertIfAbsent(trx, 'hf_notices', row)) return true
  const result = await trx
    .updateTable('hf_notices')
    .set({ told_at: row.told_at })
    .where('user_id', '=', row.user_id)
    .where('template', '=', row.template)
    .where('resource_id', '=', row.resource_id)
    .where('told_at', '<=', since)
    .executeTakeFirst()
  return affected(result) === 1
}
