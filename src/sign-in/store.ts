import { type Nullable, sql } from 'kysely'
import type { CanonicalIdentifier } from '../crypto/index.ts'
import type { Db } from '../database/index.ts'
import type { PasswordBlock } from '../passwords/index.ts'
import type { UserRow } from '../users/index.ts'

/** An account with its password, as sign-in reads it in one query. */
export type Candidate = UserRow & {
  readonly hash: string | null
  readonly blocked: PasswordBlock | null
  /** Hash of the device that asks, if the account knows it. */
  readonly known_device: string | null
}

/** Whom a sign-in is about. */
export interface CandidateQuery {
  /** `kind` decides the column, so that no name matches both. */
  readonly identifier: CanonicalIdentifier
  readonly realm: string
  /** Hashes of the tokens in the device cookie. */
  readonly deviceHashes: readonly string[]
}

/**
 * The account of a canonical name in its realm. There is a row to read for names that nobody has as well,
 * so that an answer takes the same time for both.
 */
export async function findCandidate(
  db: Db,
  { deviceHashes, identifier, realm }: CandidateQuery,
): Promise<Candidate | undefined> {
  const column =
    identifier.kind === 'username' ? 'hf_users.username_canonical' : 'hf_users.email_canonical'
  const row = await db
    .selectFrom(db.selectNoFrom(sql<number>`1`.as('always')).as('asked'))
    .leftJoin('hf_users', (join) =>
      join.on('hf_users.realm', '=', realm).on(column, '=', identifier.canonical),
    )
    .leftJoin('hf_passwords', 'hf_passwords.user_id', 'hf_users.id')
    .leftJoin('hf_devices', (join) =>
      join
        .onRef('hf_devices.user_id', '=', 'hf_users.id')
        .on('hf_devices.device_hash', 'in', deviceHashes.length > 0 ? deviceHashes : [''])
        .on('hf_devices.forgotten_at', 'is', null),
    )
    .selectAll('hf_users')
    .select(['hf_passwords.hash', 'hf_passwords.blocked', 'hf_devices.device_hash as known_device'])
    .executeTakeFirst()
  return row && isFound(row) ? row : undefined
}

/** All columns of an account that nobody has are null. */
function isFound(row: Nullable<UserRow> & Omit<Candidate, keyof UserRow>): row is Candidate {
  return row.id !== null
}

/** An account with what its password is worth. */
export type Standing = UserRow & { readonly blocked: PasswordBlock | null }

/** An account as it stands now. */
export function findStanding(db: Db, id: string): Promise<Standing | undefined> {
  return db
    .selectFrom('hf_users')
    .leftJoin('hf_passwords', 'hf_passwords.user_id', 'hf_users.id')
    .selectAll('hf_users')
    .select('hf_passwords.blocked')
    .where('hf_users.id', '=', id)
    .executeTakeFirst()
}
