import { z } from 'zod'

/** Requests and answers about deliveries of webhooks. Instants in epoch milliseconds. */

const instant = z.number().int()

export const deliveryListQuery = z.strictObject({
  state: z.enum(['waiting', 'done', 'failed']).optional(),
  /** The option `name` of a webhook. */
  webhook: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
  after: z.string().max(200).optional(),
})

export const webhookDelivery = z.strictObject({
  id: z.string(),
  webhook: z.string(),
  provider: z.string(),
  /** How the provider names it. */
  providerId: z.string().nullable(),
  topic: z.string().nullable(),
  state: z.enum(['waiting', 'done', 'failed']),
  attempts: z.number().int(),
  /** When it is tried next; null once it is over. */
  nextAt: instant.nullable(),
  receivedAt: instant,
  endedAt: instant.nullable(),
  /** Code of the last failure. */
  error: z.string().nullable(),
})

export const deliveryPage = z.strictObject({
  deliveries: z.array(webhookDelivery),
  next: z.string().nullable(),
})
