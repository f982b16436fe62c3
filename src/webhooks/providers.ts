import type { WebhookScheme } from './scheme.ts'

/** Providers that are known by name. */
export type WebhookProviderName = 'shopify' | 'stripe' | 'github' | 'slack' | 'standard'

const hmacSha256 = { algorithm: 'sha256', secret: 'text' } as const

/** Base64 of the HMAC over the body alone: neither id, nor topic, nor shop is signed. */
const shopify: WebhookScheme = {
  ...hmacSha256,
  name: 'shopify',
  signature: { name: 'x-shopify-hmac-sha256', form: 'single', prefix: '' },
  encoding: 'base64',
  content: '{body}',
  id: 'x-shopify-webhook-id',
  topic: 'x-shopify-topic',
  told: [
    ...['x-shopify-shop-domain', 'x-shopify-event-id'],
    ...['x-shopify-triggered-at', 'x-shopify-api-version'],
  ],
  bodies: ['json'],
}

/** `Stripe-Signature: t=...,v1=...`; the id of the event stands in the signed body. */
const stripe: WebhookScheme = {
  ...hmacSha256,
  name: 'stripe',
  signature: { name: 'stripe-signature', form: 'pairs', prefix: 'v1' },
  encoding: 'hex',
  content: '{timestamp}.{body}',
  payloadId: 'id',
  payloadTopic: 'type',
  told: [],
  bodies: ['json'],
}

/** The body alone is signed, with no instant. */
const github: WebhookScheme = {
  ...hmacSha256,
  name: 'github',
  signature: { name: 'x-hub-signature-256', form: 'single', prefix: 'sha256=' },
  encoding: 'hex',
  content: '{body}',
  id: 'x-github-delivery',
  topic: 'x-github-event',
  told: ['x-github-hook-id', 'x-github-hook-installation-target-id'],
  bodies: ['json', 'form'],
}

/** Events name themselves in the signed body; commands and actions, which are forms, do not. */
const slack: WebhookScheme = {
  ...hmacSha256,
  name: 'slack',
  signature: { name: 'x-slack-signature', form: 'single', prefix: 'v0=' },
  encoding: 'hex',
  content: 'v0:{timestamp}:{body}',
  timestamp: 'x-slack-request-timestamp',
  payloadId: 'event_id',
  payloadTopic: 'type',
  told: ['x-slack-retry-num', 'x-slack-retry-reason'],
  bodies: ['json', 'form'],
  challenge: slackChallenge,
}

/** Standard Webhooks 1.0.0: id, instant and body are signed; symmetric signatures, `v1`. */
const standard: WebhookScheme = {
  ...hmacSha256,
  name: 'standard',
  signature: { name: 'webhook-signature', form: 'list', prefix: 'v1,' },
  encoding: 'base64',
  content: '{id}.{timestamp}.{body}',
  secret: 'base64',
  timestamp: 'webhook-timestamp',
  id: 'webhook-id',
  payloadTopic: 'type',
  told: [],
  bodies: ['json'],
}

/** Every provider known by name. */
export const webhookProviders: Readonly<Record<WebhookProviderName, WebhookScheme>> = Object.freeze(
  {
    shopify,
    stripe,
    github,
    slack,
    standard,
  },
)

function slackChallenge(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { challenge, type } = payload as { challenge?: unknown; type?: unknown }
  const asked = type === 'url_verification' && typeof challenge === 'string'
  return asked ? challenge.slice(0, 500) : undefined
}
