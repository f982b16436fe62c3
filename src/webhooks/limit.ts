import type { LimitPolicy } from '../limits/index.ts'

/**
 * Deliveries that could not be verified, by client, counted in memory. Verified ones cost nothing, as
 * whoever sends them holds the secret: a provider with much to tell never runs into the quota of strangers.
 */
export const unverifiedWebhooks: LimitPolicy = Object.freeze({
  name: 'webhook_unverified',
  points: 100,
  windowMs: 15 * 60_000,
  store: 'memory',
})
