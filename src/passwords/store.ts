import { affected, type Db, type Trx, upsert } from '../database/index.ts'
import { bumpCredentials } from '../users/index.ts'
import type { PasswordBlock, PasswordRow } from './table.ts'

/**
 * Sets the password of an account and opens a blocked one. The account's row comes first, as
 * everywhere, and a sign-in that proved the old password issues nothing after it.
 */
export async function setPassword(
  trx: Trx,
  row: Pick<PasswordRow, 'user_id' | 'hash' | 'changed_at'>,
): Promise<void> {
  await bumpCredentials(trx, row.user_id)
  const whole = { ...row, blocked: null }
  await upsert(trx, 'hf_passwords', whole, {
    keys: ['user_id'],
    update: ['hash', 'changed_at', 'blocked'],
  })
}

/**
 * Blocks the password of an account until it is replaced; false when it has none. What its owner has
 * reported stays reported: that closes other ways in as well, and nothing but a new password opens them.
 */
export async function blockPassword(
  trx: Trx,
  userId: string,
  blocked: PasswordBlock,
): Promise<boolean> {
  await bumpCredentials(trx, userId)
  const result = await trx
    .updateTable('hf_passwords')
    .set((eb) => {
      const isReported = eb('blocked', '=', 'reported')
      return { blocked: eb.case().when(isReported).then(eb.ref('blocked')).else(blocked).end() }
    })
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return affected(result) === 1
}

export function findPassword(db: Db, userId: string): Promise<PasswordRow | undefined> {
  return db.selectFrom('hf_passwords').selectAll().where('user_id', '=', userId).executeTakeFirst()
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
