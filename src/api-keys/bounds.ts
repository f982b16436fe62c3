import type { ApiKeyRow } from './table.ts'

/** What the options let a key be, whoever made it: another process may have known other options. */
export interface LiveBounds {
  readonly limitPerHour: number
  readonly maxLimitPerHour: number
  readonly maxLifetimeMs?: number
}

/** When a key ends as such, in epoch milliseconds; null for never. None outlives the options; decoys lie for ever. */
export function endOf(
  { created_at, decoy, expires_at }: ApiKeyRow,
  { maxLifetimeMs }: Pick<LiveBounds, 'maxLifetimeMs'>,
): number | null {
  if (maxLifetimeMs === undefined || decoy === 1) return expires_at
  return Math.min(expires_at ?? Number.POSITIVE_INFINITY, created_at + maxLifetimeMs)
}

/** How many requests an hour a key has. */
export function limitOf(
  { limit_per_hour }: ApiKeyRow,
  { limitPerHour, maxLimitPerHour }: Omit<LiveBounds, 'maxLifetimeMs'>,
): number {
  return limit_per_hour === null ? limitPerHour : Math.min(limit_per_hour, maxLimitPerHour)
}
