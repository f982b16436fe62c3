import { idParams } from '../contract.ts'
import { deliveryListQuery, deliveryPage, webhookDelivery } from '../contract-webhooks.ts'
import { type Call, cursorOf, originOf, type Route, readCursor, route } from '../http/index.ts'
import type { WebhookDeliveries } from './deliveries.ts'
import type { WebhookDeliveryView } from './view.ts'

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
        ...{ state, webhook, limit: limit + 1 },
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
      const json = await webhookDeliveries.retry(call.params.id, byCall(call))
      return { status: 200, json }
    },
  })
}

function byCall({ auth, exchange }: Pick<Call, 'auth' | 'exchange'>) {
  if (!auth) throw new Error('the policy of this route admits nobody without a session')
  return { actor: { kind: 'user', id: auth.userId }, origin: originOf(exchange) } as const
}

function pageOf(found: readonly WebhookDeliveryView[], limit: number) {
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const isMore = last !== undefined && found.length > limit
  const next = isMore ? cursorOf({ at: last.receivedAt, id: last.id }) : null
  return { deliveries: page, next }
}
