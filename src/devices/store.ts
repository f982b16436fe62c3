import { affected, type Db, insertIfAbsent, type Trx } from '../database/index.ts'
import type { DeviceRow } from './table.ts'

/** The devices of an account that are known now, the one used last first. */
export function findKnownDevices(db: Db, userId: string): Promise<DeviceRow[]> {
  return db
    .selectFrom('hf_devices')
    .selectAll()
    .where('user_id', '=', userId)
    .where('forgotten_at', 'is', null)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
}

export function findDevice(
  db: Db,
  userId: string,
  deviceHash: string,
): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('hf_devices')
    .selectAll()
    .where('user_id', '=', userId)
    .where('device_hash', '=', deviceHash)
    .executeTakeFirst()
}

/** Adds a device; false when the account has it already. */
export function insertDevice(trx: Trx, row: DeviceRow): Promise<boolean> {
  return insertIfAbsent(trx, 'hf_devices', row)
}

/** What a sign-in changes of a device that the account had before. */
export type SeenDevice = Pick<DeviceRow, 'user_agent' | 'ip' | 'last_seen_at'>

/** Makes a device known that was read as `known`; false when it was forgotten meanwhile, and stays so. */
export async function updateSeenDevice(
  trx: Trx,
  known: Pick<DeviceRow, 'id' | 'forgotten_at'>,
  seen: SeenDevice,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_devices')
    .set({ ...seen, forgotten_at: null, unproven_since: null })
    .where('id', '=', known.id)
    .where('forgotten_at', known.forgotten_at === null ? 'is' : '=', known.forgotten_at)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Forgets one device of an account; false when it does not know it. */
export async function forgetDevice(
  trx: Trx,
  device: { readonly userId: string; readonly id: string },
  now: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_devices')
    .set({ forgotten_at: now, trusted_until: null })
    .where('id', '=', device.id)
    .where('user_id', '=', device.userId)
    .where('forgotten_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Forgets the devices of an account, but for the one with this hash; how many. */
export async function forgetDevices(
  trx: Trx,
  userId: string,
  how: { readonly exceptHash: string; readonly now: number },
): Promise<number> {
  const result = await trx
    .updateTable('hf_devices')
    .set({ forgotten_at: how.now, trusted_until: null })
    .where('user_id', '=', userId)
    .where('device_hash', '<>', how.exceptHash)
    .where('forgotten_at', 'is', null)
    .executeTakeFirst()
  return affected(result)
}

/** Which of these devices an account knows, the one used last if several. */
export function findKnownDevice(
  db: Db,
  userId: string,
  hashes: readonly string[],
): Promise<DeviceRow | undefined> {
  return db
    .selectFrom('hf_devices')
    .selectAll()
    .where('user_id', '=', userId)
    .where('device_hash', 'in', hashes.length > 0 ? [...hashes] : [''])
    .where('forgotten_at', 'is', null)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Trusts a known device until an instant; false when the account does not know it. */
export async function trustDevice(
  trx: Trx,
  device: { readonly userId: string; readonly id: string },
  until: number,
): Promise<boolean> {
  const result = await trx
    .updateTable('hf_devices')
    .set({ trusted_until: until })
    .where('user_id', '=', device.userId)
    .where('id', '=', device.id)
    .where('forgotten_at', 'is', null)
    .executeTakeFirst()
  return affected(result) === 1
}

/** Ends the trust in every device of an account; how many had it. */
export async function distrustDevices(trx: Trx, userId: string): Promise<number> {
  const result = await trx
    .updateTable('hf_devices')
    .set({ trusted_until: null })
    .where('user_id', '=', userId)
    .where('trusted_until', 'is not', null)
    .executeTakeFirst()
  return affected(result)
}

/** Deletes at most `limit` devices that nobody has used since `before`; how many it found. */
export async function deleteUnseenDevices(
  trx: Trx,
  before: number,
  limit: number,
): Promise<number> {
  const rows = await trx
    .selectFrom('hf_devices')
    .select('id')
    .where('last_seen_at', '<', before)
    .orderBy('last_seen_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id).sort()
  await trx
    .deleteFrom('hf_devices')
    .where('id', 'in', ids)
    .where('last_seen_at', '<', before)
    .execute()
  return rows.length
}
