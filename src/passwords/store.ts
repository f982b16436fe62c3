import { affected, type Trx, upsert } from '../database/index.ts'
import type { PasswordRow } from './table.ts'

/** Sets the password of an account. */
export async function setPassword(trx: Trx, row: PasswordRow): Promise<void> {
  await upsert(trx, 'hf_passwords', row, {
    keys: ['user_id'],
    update: ['hash', 'changed_at'],
  })
}

/** Replaces a hash by a stronger one of the same password, unless the password was changed meanwhile. */
export async function replaceHash(
  trx: Trx,
  userId: string,
  hashes: { readonly old: string; readonly new: string },
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_passwords')
    .set({ hash: hashes.new })
    .where('user_id', '=', userId)
    .where('hash', '=', hashes.old)
    .executeTakeFirst()
  return affected(result) === 1
}
