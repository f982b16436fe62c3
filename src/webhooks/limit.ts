import type { LimitPolicy } from '../limits/index.ts'

/**
 * Requests to webhooks without a right signature, by client, counted in memory. Genuine ones cost nothing
 * and are taken however many forgeries came from their address: a provider with much to tell never runs
 * into a quota, and nobody can use one up for it.
 */
export const unverifiedWebhooks: LimitPolicy = Object.freeze({
  name: 'webhook_unverified',
  points: 100,
  windowMs: 15 * 60_000,
  store: 'memory',
})
