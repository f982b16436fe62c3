import type { EventDefinitions } from '../events/index.ts'

/** An event of one delivery that was taken. */
export interface WebhookDeliveryEvent {
  readonly deliveryId: string
  readonly provider: string
  readonly receiver: string
  readonly attempts: number
}

declare module '../events/event.ts' {
  interface EventMap {
    'webhook.failed': WebhookDeliveryEvent
    'webhook.retried': WebhookDeliveryEvent
  }
}

const keep = ['deliveryId', 'provider', 'receiver', 'attempts'] as const

export const webhookEvents: EventDefinitions<'webhook.failed' | 'webhook.retried'> = {
  'webhook.failed': { severity: 'warning', auditClass: 'security', keep },
  'webhook.retried': { severity: 'info', auditClass: 'security', keep },
}
