export { type CustomWebhook, customWebhook } from './custom.ts'
export { type DeliveriesParts, WebhookDeliveries } from './deliveries.ts'
export type { WebhookDelivery } from './delivery.ts'
export { webhookErrors } from './errors.ts'
export { type WebhookDeliveryEvent, webhookEvents } from './events.ts'
export type { HandledWebhook } from './handling.ts'
export { unverifiedWebhooks } from './limit.ts'
export type { WebhookOptions } from './options.ts'
export { type WebhookProviderName, webhookProviders } from './providers.ts'
export type {
  AnyWebhookRequest,
  WebhookHandler,
  WebhookOutcome,
  WebhookReceiver,
} from './receiver.ts'
export { webhookRoutes } from './routes.ts'
export type {
  SignatureHeader,
  WebhookAlgorithm,
  WebhookBody,
  WebhookEncoding,
  WebhookScheme,
} from './scheme.ts'
export { signWebhook, type WebhookToSign } from './sign.ts'
export type { DeliveryQuery, WebhookDepth } from './store.ts'
export { type DeliveryState, type WebhookDeliveryRow, webhookMigrations } from './table.ts'
export type { WebhookDeliveryView } from './view.ts'
export { schemeOf, verifyWebhook, type WebhookProvider, Webhooks } from './webhooks.ts'
