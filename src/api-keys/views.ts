import type { Database } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import type { LiveBounds } from './bounds.ts'
import { type ApiKeyView, viewOf } from './describe.ts'
import type { KeyOwners } from './owners.ts'
import type { ApiKeyRow } from './table.ts'
import type { KeyUsage } from './usage.ts'

export interface KeyViewsParts {
  readonly database: Database
  readonly owners: KeyOwners
  readonly usage: KeyUsage
  readonly clock: Clock
  readonly rules: LiveBounds
}

/** Keys as they are shown: what their owners may not do any more is asked of all of them at once. */
export async function viewsOf(
  rows: readonly ApiKeyRow[],
  { clock, database: { reader }, owners, rules: bounds, usage }: KeyViewsParts,
): Promise<readonly ApiKeyView[]> {
  const now = clock.now()
  const left = await owners.left(reader, rows)
  const below = await owners.below(reader, rows, now)
  return rows.map((row) => {
    const { id } = row
    const owner = { hasOwnerLeft: left.has(id), isBelowLevel: below.has(id) }
    return viewOf(row, { now, bounds, use: usage.waiting(id), ...owner })
  })
}
