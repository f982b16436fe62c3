import type { z } from 'zod'
import { idParams } from '../contract.ts'
import { deliveryListQuery, deliveryPage, webhookDelivery } from '../contract-webhooks.ts'
import { type Call, cursorOf, originOf, type Route, readCursor, route } from '../http/index.ts'
import type { WebhookDeliveries } from './deliveries.ts'
import type { DeliveryRecord } from './store.ts'

export interface WebhookRouteParts {
  readonly webhookDeliveries: WebhookDeliveries
  /** First segment of the administrators' API, for example `/admin`. */
  readonly adminPath: string
}

const usualPage = 50

/** The administrators' routes of deliveries. None of them shows a payload. */
export function webhookRoutes(parts: WebhookRouteParts): readonly Route[] {
  return [listRoute(parts), retryRoute(parts)]
}

function listRoute({ adminPath, webhookDeliveries }: WebhookRouteParts): Route {
  return route({
    method: 'GET',
    path: `${adminPath}/webhooks/deliveries`,
    summary: 'Deliveries that other services have sent, newest first, without their payloads',
    policy: { kind: 'permission', permission: 'read:security:webhooks' },
    query: deliveryListQuery,
    responses: { 200: { description: 'Deliveries', schema: deliveryPage } },
    handle: async ({ query }) => {
      const { after, limit = usualPage, state, webhook } = query
      const found = await webhookDeliveries.list({
        ...{ state, receiver: webhook, limit: limit + 1 },
        ...(after === undefined ? {} : { after: readCursor(after) }),
      })
      return { status: 200, json: pageOf(found, limit) }
    },
  })
}

function retryRoute({ adminPath, webhookDeliveries }: WebhookRouteParts): Route {
  return route({
    method: 'POST',
    path: `${adminPath}/webhooks/deliveries/{id}/retry`,
    summary: 'Have a delivery that was given up handled again',
    policy: { kind: 'permission', permission: 'write:security:webhooks' },
    params: idParams,
    responses: { 200: { description: 'The delivery', schema: webhookDelivery } },
    problems: ['webhook_delivery_not_found', 'webhook_not_retryable'],
    handle: async (call) => {
      const record = await webhookDeliveries.retry(call.params.id, byCall(call))
      return { status: 200, json: deliveryView(record) }
    },
  })
}

function byCall({ auth, exchange }: Pick<Call, 'auth' | 'exchange'>) {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  return { actor: { kind: 'user', id: auth.userId }, origin: originOf(exchange) } as const
}

/** What people see of a delivery. Instants in epoch milliseconds. */
export type DeliveryView = z.output<typeof webhookDelivery>

/** A delivery as people see it. */
export function deliveryView(record: DeliveryRecord): DeliveryView {
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

function pageOf(found: readonly DeliveryRecord[], limit: number) {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const isMore = last !== undefined && found.length > limit
  const next = isMore ? cursorOf({ at: last.received_at, id: last.id }) : null
  return { deliveries: page.map(deliveryView), next }
}
