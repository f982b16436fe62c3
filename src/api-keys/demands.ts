import type { Trx } from '../database/index.ts'
import { apiKeyErrors } from './errors.ts'
import type { OwnerFacts } from './owners.ts'
import { countKeysMade, countWorkingKeys, hasWorkingPredecessor } from './store.ts'
import type { ApiKeyRow } from './table.ts'

const dayMs = 24 * 60 * 60 * 1000
const fewestADay = 20

/** How many keys an owner may have, and when that is asked. */
export interface OwnerBounds {
  readonly now: number
  readonly maxPerOwner: number
}

/**
 * Throws `api_key_limit_reached` where an owner has as many working keys as one may have. Exact: whoever
 * has announced a change of the owner waits until another one has ended.
 */
export async function demandRoom(trx: Trx, ownerId: string, bounds: OwnerBounds): Promise<void> {
  const working = await countWorkingKeys(trx, ownerId, bounds.now)
  if (working >= bounds.maxPerOwner) throw apiKeyErrors.api_key_limit_reached()
  await demandCalm(trx, ownerId, bounds)
}

/**
 * Throws `api_key_not_rotatable` for a key that is none of ours, and while the one before it works: else
 * one key became any number, one after the other, and an owner had more than one may have. So a rotation
 * adds at most one to each, until the overlap ends.
 */
export async function demandRotatable(
  trx: Trx,
  key: ApiKeyRow,
  bounds: OwnerBounds,
): Promise<void> {
  const isOurs = key.decoy === 0 && key.imported === 0
  if (!isOurs || (await hasWorkingPredecessor(trx, key, bounds.now))) {
    throw apiKeyErrors.api_key_not_rotatable()
  }
  await demandCalm(trx, key.owner_id, bounds)
}

/**
 * Throws `api_key_level_too_low` where policy demands more of the owner than whoever makes the key has
 * proven: a key is worth no more than the session that made it, so this one would open nothing.
 */
export function demandLevel({ level }: Pick<ApiKeyRow, 'level'>, facts: OwnerFacts): void {
  if (level < facts.requiredLevel) throw apiKeyErrors.api_key_level_too_low()
}

/** Made and ended over and over, keys would fill the table and their owner's mailbox. */
async function demandCalm(
  trx: Trx,
  ownerId: string,
  { maxPerOwner, now }: OwnerBounds,
): Promise<void> {
  const made = await countKeysMade(trx, ownerId, now - dayMs)
  if (made >= Math.max(fewestADay, 2 * maxPerOwner)) throw apiKeyErrors.api_key_limit_reached()
}
