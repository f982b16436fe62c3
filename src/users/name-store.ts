import type { Db } from '../database/index.ts'
import type { RealmName } from './realm.ts'
import type { UserRow } from './table.ts'

/** The realm of an account, which never changes. */
export async function findRealm(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('hf_users')
    .select('realm')
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.realm
}

export function findUserByEmail(
  db: Db,
  { canonical, realm }: RealmName,
): Promise<UserRow | undefined> {
  return db
    .selectFrom('hf_users')
    .selectAll()
    .where('realm', '=', realm)
    .where('email_canonical', '=', canonical)
    .executeTakeFirst()
}

export function findUserByUsername(
  db: Db,
  { canonical, realm }: RealmName,
): Promise<UserRow | undefined> {
  return db
    .selectFrom('hf_users')
    .selectAll()
    .where('realm', '=', realm)
    .where('username_canonical', '=', canonical)
    .executeTakeFirst()
}

export async function isUsernameTaken(db: Db, { canonical, realm }: RealmName): Promise<boolean> {
  const row = await db
    .selectFrom('hf_users')
    .select('id')
    .where('realm', '=', realm)
    .where('username_canonical', '=', canonical)
    .executeTakeFirst()
  return row !== undefined
}
