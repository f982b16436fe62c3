import { affected, type Db, deleteExpired, insertIfAbsent, type Trx } from '../database/index.ts'
import type { CeremonyKind, CeremonyRow, PasskeyRow } from './table.ts'

/** The passkeys of an account, the oldest first. */
export function findPasskeys(db: Db, userId: string): Promise<PasskeyRow[]> {
  return db
    .selectFrom('hf_passkeys')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export function findPasskeyByCredential(
  db: Db,
  credentialHash: string,
): Promise<PasskeyRow | undefined> {
  return db
    .selectFrom('hf_passkeys')
    .selectAll()
    .where('credential_hash', '=', credentialHash)
    .executeTakeFirst()
}

export async function countPasskeys(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('hf_passkeys')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(row.total)
}

/** Adds a passkey; false when its credential is registered already, with whatever account. */
export function insertPasskey(trx: Trx, row: PasskeyRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_passkeys', row)
}

/** One passkey of one account. */
export interface OwnPasskey {
  readonly userId: string
  readonly id: string
}

/** Renames a passkey of an account; false when it has no such passkey. */
export async function renamePasskey(
  trx: Trx,
  { id, userId }: OwnPasskey,
  name: string,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_passkeys')
    .set({ name })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Deletes a passkey of an account; false when it has no such passkey. */
export async function deletePasskey(trx: Trx, { id, userId }: OwnPasskey): Promise<boolean> {
  const result = await trx
    .deleteFrom('hf_passkeys')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Deletes every passkey of an account; how many there were. */
export async function deletePasskeys(trx: Trx, userId: string): Promise<number> {
  return affected(
    await trx.deleteFrom('hf_passkeys').where('user_id', '=', userId).executeTakeFirst(),
  )
}

/** What one use says of a passkey. */
export type PasskeyUse = Pick<PasskeyRow, 'counter' | 'backed_up'> & {
  readonly backup_eligible: number
  readonly last_used_at: number
}

/**
 * Notes a use; false when the passkey is gone or its counter has not grown (section 6.1.1). One that
 * keeps no counter says 0 each time. Whether it may be synced is learned once and not changed.
 */
export async function usePasskey(trx: Trx, id: string, use: PasskeyUse): Promise<boolean> {
  const { backup_eligible, ...rest } = use
  const result = await trx
    .updateTable('hf_passkeys')
    .set(rest)
    .set((eb) => ({
      backup_eligible: eb.fn.coalesce('backup_eligible', eb.val(backup_eligible)),
    }))
    .where('id', '=', id)
    .where((eb) => (use.counter === 0 ? eb('counter', '=', 0) : eb('counter', '<', use.counter)))
    .executeTakeFirst()
  return affected(result) === 1
}

export async function insertCeremony(trx: Trx, row: CeremonyRow): Promise<void> {
  await trx.insertInto('hf_ceremonies').values(row).execute()
}

/** What a challenge has to have been made for. */
export interface CeremonyMatch {
  readonly challengeHash: string
  readonly kind: CeremonyKind
  /** Undefined where anybody may sign in. */
  readonly userId: string | undefined
  readonly browserHash: string
}

/** Spends a challenge: of many callers, on whatever nodes, one gets true. */
export async function spendCeremony(
  trx: Trx,
  { browserHash, challengeHash, kind, userId }: CeremonyMatch,
  now: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_ceremonies')
    .set({ used_at: now })
    .where('challenge_hash', '=', challengeHash)
    .where('kind', '=', kind)
    .where('browser_hash', '=', browserHash)
    .where((eb) => (userId === undefined ? eb('user_id', 'is', null) : eb('user_id', '=', userId)))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return affected(result) === 1
}

/**
 * Deletes at most `limit` challenges that ended before `before`, by key and in order, so that two
 * sweepers cannot deadlock; how many it found.
 */
export function deleteEndedCeremonies(trx: Trx, before: number, limit: number): Promise<number> {
  return deleteExpired(trx, { table: 'hf_ceremonies', key: 'challenge_hash', before }, limit)
}
