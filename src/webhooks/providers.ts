import type { SignatureHeader, WebhookScheme } from './scheme.ts'

/** Providers that are known by name. */
export type WebhookProviderName = 'shopify' | 'stripe' | 'github' | 'slack' | 'standard'

/** What most of them do; each says below what it does otherwise. */
const usual = {
  ...{ algorithm: 'sha256', secret: 'text', encoding: 'hex' },
  ...{ told: [], bodies: ['json'] },
} as const satisfies Partial<WebhookScheme>

const jsonOrForm = ['json', 'form'] as const

/** Base64 of the HMAC over the body alone: neither id, nor topic, nor shop is signed. */
const shopify: WebhookScheme = {
  ...usual,
  name: 'shopify',
  signature: single('x-shopify-hmac-sha256', ''),
  encoding: 'base64',
  content: '{body}',
  id: 'x-shopify-webhook-id',
  topic: 'x-shopify-topic',
  told: [
    ...['x-shopify-shop-domain', 'x-shopify-event-id'],
    ...['x-shopify-triggered-at', 'x-shopify-api-version'],
  ],
}

/** `Stripe-Signature: t=...,v1=...`; the id of the event stands in the signed body. */
const stripe: WebhookScheme = {
  ...usual,
  name: 'stripe',
  signature: { name: 'stripe-signature', form: 'pairs', prefix: 'v1' },
  content: '{timestamp}.{body}',
  payloadId: 'id',
  payloadTopic: 'type',
}

/** The body alone is signed, with no instant. */
const github: WebhookScheme = {
  ...usual,
  name: 'github',
  signature: single('x-hub-signature-256', 'sha256='),
  content: '{body}',
  id: 'x-github-delivery',
  topic: 'x-github-event',
  told: ['x-github-hook-id', 'x-github-hook-installation-target-id'],
  bodies: jsonOrForm,
}

/** Events name themselves in the signed body; commands and actions, which are forms, do not. */
const slack: WebhookScheme = {
  ...usual,
  name: 'slack',
  signature: single('x-slack-signature', 'v0='),
  content: 'v0:{timestamp}:{body}',
  timestamp: 'x-slack-request-timestamp',
  payloadId: 'event_id',
  payloadTopic: 'type',
  told: ['x-slack-retry-num', 'x-slack-retry-reason'],
  bodies: jsonOrForm,
  challenge: slackChallenge,
}

/** Standard Webhooks 1.0.0: id, instant and body are signed; symmetric signatures, `v1`. */
const standard: WebhookScheme = {
  ...usual,
  name: 'standard',
  signature: { name: 'webhook-signature', form: 'list', prefix: 'v1,' },
  encoding: 'base64',
  content: '{id}.{timestamp}.{body}',
  secret: 'base64',
  timestamp: 'webhook-timestamp',
  id: 'webhook-id',
  payloadTopic: 'type',
}

/** Every provider known by name. */
export const webhookProviders: Readonly<Record<WebhookProviderName, WebhookScheme>> = Object.freeze(
  { shopify, stripe, github, slack, standard },
)

function single(name: string, prefix: string): SignatureHeader {
  return { name, form: 'single', prefix }
}

function slackChallenge(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined
  const { challenge, type } = payload as { challenge?: unknown; type?: unknown }
  const asked = type === 'url_verification' && typeof challenge === 'string'
  return asked ? challenge.slice(0, 500) : undefined
}
