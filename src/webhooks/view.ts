import type { DeliveryRecord } from './store.ts'
import type { DeliveryState } from './table.ts'

/** A delivery as people see it: everything but its payload. Instants in epoch milliseconds. */
export interface WebhookDeliveryView {
  readonly id: string
  /** The option `name` of its webhook. */
  readonly webhook: string
  readonly provider: string
  /** How the provider names it, else a hash of what was signed. */
  readonly providerId: string | null
  readonly topic: string | null
  readonly state: DeliveryState
  /** Times it was given to its handler. */
  readonly attempts: number
  /** When it is tried next; null once it is over. */
  readonly nextAt: number | null
  readonly receivedAt: number
  /** When it was done or given up. */
  readonly endedAt: number | null
  /** Stable code of the last failure. */
  readonly error: string | null
}

/** A row as people see it. */
export function deliveryView(record: DeliveryRecord): WebhookDeliveryView {
  const { attempts, id, provider, receiver, state, topic } = record
  return {
    ...{ id, provider, topic, state, attempts },
    webhook: receiver,
    providerId: record.remote_id,
    nextAt: state === 'waiting' ? record.next_at : null,
    receivedAt: record.received_at,
    endedAt: record.ended_at,
    error: record.error_code,
  }
}
