import { c, createTable, defineTable, migration } from '../database/index.ts'

/** `waiting` for its handler or in its hands; `done`; `failed`: given up, with its payload kept for a retry. */
export type DeliveryState = 'waiting' | 'done' | 'failed'

/** One delivery that was taken. Times are epoch milliseconds. */
export interface WebhookDeliveryRow {
  id: string
  /** Which handler it is for; see the option `name` of a webhook. */
  receiver: string
  provider: string
  /** SHA-256 of what the provider names the delivery by. */
  id_key: string
  /** SHA-256 of what is signed, where the name is not: another name does not make it another delivery. */
  content_key: string
  /** The provider's own name of it, for people; null where it gives none. */
  remote_id: string | null
  topic: string | null
  /** Headers and raw body, sealed together; null once it is done. */
  sealed: string | null
  state: DeliveryState
  /** Times it was given to a handler. */
  attempts: number
  next_at: number
  lease_owner: string | null
  /** Until when its handler may work on it; 0 when none does. */
  lease_until: number
  received_at: number
  /** When it was done or given up. */
  ended_at: number | null
  /** Until when it is remembered, so that a replay is told from a new one. */
  expires_at: number
  /** Stable code of the last failure; no text of the app's own. */
  error_code: string | null
}

declare module '../database/types.ts' {
  interface Tables {
    hf_webhook_deliveries: WebhookDeliveryRow
  }
}

const deliveries = defineTable('hf_webhook_deliveries', {
  columns: {
    id: c.id(),
    receiver: c.text(64),
    provider: c.text(32),
    id_key: c.text(43),
    content_key: c.text(43),
    remote_id: c.text(200).nullable(),
    topic: c.text(200).nullable(),
    sealed: c.longText().nullable(),
    state: c.text(16),
    attempts: c.integer(),
    next_at: c.time(),
    lease_owner: c.id().nullable(),
    lease_until: c.time(),
    received_at: c.time(),
    ended_at: c.time().nullable(),
    expires_at: c.time(),
    error_code: c.text(64).nullable(),
  },
  primaryKey: ['id'],
  unique: { delivery: ['receiver', 'id_key'], content: ['receiver', 'content_key'] },
  indexes: {
    due: ['state', 'next_at'],
    received: ['received_at'],
    expiry: ['expires_at'],
  },
})

/** Migrations of the room, in order. */
export const webhookMigrations = [migration('webhooks/0001_deliveries', [createTable(deliveries)])]
