import type { Db } from '../database/index.ts'
import { defaultRealm, type UserRow } from '../users/index.ts'

/** An account with its password, as sign-in reads it in one query. */
export type Candidate = UserRow & { readonly hash: string | null }

/** The account of a canonical name. `kind` decides the column, so that no name matches both. */
export function findCandidate(
  db: Db,
  identifier: { readonly kind: 'email' | 'username' | 'none'; readonly canonical: string },
): Promise<Candidate | undefined> {
  const column =
    identifier.kind === 'username' ? 'hf_users.username_canonical' : 'hf_users.email_canonical'
  return db
    .selectFrom('hf_users')
    .leftJoin('hf_passwords', 'hf_passwords.user_id', 'hf_users.id')
    .selectAll('hf_users')
    .select('hf_passwords.hash')
    .where('hf_users.realm', '=', defaultRealm)
    .where(column, '=', identifier.canonical)
    .executeTakeFirst()
}
