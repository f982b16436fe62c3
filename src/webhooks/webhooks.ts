import type { By } from '../access/index.ts'
import type { Clock } from '../ports/index.ts'
import type { WebhookDeliveries } from './deliveries.ts'
import { webhookErrors } from './errors.ts'
import type { HandledWebhook } from './handling.ts'
import { type WebhookOptions, webhookSettings } from './options.ts'
import { type WebhookProviderName, webhookProviders } from './providers.ts'
import {
  type AnyWebhookRequest,
  type WebhookHandler,
  type WebhookOutcome,
  WebhookReceiver,
} from './receiver.ts'
import type { WebhookScheme } from './scheme.ts'
import type { DeliveryQuery, WebhookDepth } from './store.ts'
import type { WebhookDeliveryView } from './view.ts'

/** A provider by its name, or one described by `customWebhook`. */
export type WebhookProvider = WebhookProviderName | WebhookScheme

export interface WebhooksParts {
  readonly clock: Clock
  /** Handlers by the name of their webhook; filled here, read by the deliveries. */
  readonly handled: Map<string, HandledWebhook>
  /** Throws `not_ready` before the security runs. */
  readonly deliveries: () => WebhookDeliveries
  /** Does `work` once the security runs. */
  readonly whenRunning: (work: () => void) => void
}

/**
 * Deliveries of other services: verified by their signature, taken once, handled once they are safe. No
 * route is needed: `define` gives a receiver that any framework can call.
 */
export class Webhooks {
  readonly #parts: WebhooksParts
  readonly #receivers = new Map<string, WebhookReceiver>()

  constructor(parts: WebhooksParts) {
    this.#parts = parts
  }

  /**
   * Sets up a webhook, best before `ready()`: what waits in the database is handed to `handler` from then
   * on. Without a handler it has to be `inline`. Throws `webhook_invalid`, whose message says what is wrong
   * and never holds a secret.
   */
  define(
    provider: WebhookProvider,
    options: WebhookOptions,
    handler?: WebhookHandler,
  ): WebhookReceiver {
    const { clock, deliveries } = this.#parts
    const settings = webhookSettings(schemeOf(provider), options)
    const { name } = settings
    const inline = options.mode === 'inline'
    if (this.#receivers.has(name)) throw invalid(name, 'is set up twice; give one of them a `name`')
    if (inline && handler)
      throw invalid(name, 'is inline: the handler is the next one of its route')
    if (!inline && !handler) throw invalid(name, "needs a handler, or the option mode: 'inline'")
    if (handler) this.#handle({ settings, handler })
    const enqueue: WebhookDeliveries['enqueue'] = (by, read) => deliveries().enqueue(by, read)
    const receiver = new WebhookReceiver({
      ...{ settings, clock },
      enqueue: inline ? undefined : enqueue,
    })
    this.#receivers.set(name, receiver)
    return receiver
  }

  #handle(webhook: HandledWebhook): void {
    const { deliveries, handled, whenRunning } = this.#parts
    const { name } = webhook.settings
    handled.set(name, webhook)
    whenRunning(() => deliveries().watch(name))
  }

  /** Verifies and takes a request for the webhook `name`, without HTTP; see `WebhookReceiver.receive`. */
  receive(name: string, request: AnyWebhookRequest): Promise<WebhookOutcome> {
    const receiver = this.#receivers.get(name)
    if (!receiver) throw invalid(name, 'is not set up')
    return receiver.receive(request)
  }

  /** Deliveries that were taken, newest first, without their payloads. */
  list(query: DeliveryQuery): Promise<readonly WebhookDeliveryView[]> {
    return this.#parts.deliveries().list(query)
  }

  /** One of them; throws `webhook_delivery_not_found`. */
  get(id: string): Promise<WebhookDeliveryView> {
    return this.#parts.deliveries().get(id)
  }

  /** Has a delivery that was given up handled again; else throws `webhook_not_retryable`. */
  retry(id: string, by?: By): Promise<WebhookDeliveryView> {
    return this.#parts.deliveries().retry(id, by)
  }

  /** Hands what is due to its handlers, as the job does: for tests and for processes without jobs. */
  handleDue(signal?: AbortSignal): Promise<number> {
    return this.#parts.deliveries().handleDue(signal)
  }

  /** How many deliveries wait and how many were given up. */
  depth(): Promise<WebhookDepth> {
    return this.#parts.deliveries().depth()
  }
}

/**
 * Verifies one delivery, at `now` in epoch milliseconds, and does nothing else: no memory of replays, no
 * queue. Throws `webhook_invalid` for options that are none.
 */
export async function verifyWebhook(
  provider: WebhookProvider,
  options: Omit<WebhookOptions, 'mode'>,
  request: AnyWebhookRequest & { readonly now: number },
): Promise<WebhookOutcome> {
  const settings = webhookSettings(schemeOf(provider), options)
  const clock = { now: () => request.now }
  return new WebhookReceiver({ settings, clock, enqueue: undefined }).receive(request)
}

/** The description of a provider; throws `webhook_invalid` for a name that is not known. */
export function schemeOf(provider: WebhookProvider): WebhookScheme {
  if (typeof provider !== 'string') return provider
  if (Object.hasOwn(webhookProviders, provider)) return webhookProviders[provider]
  const names = Object.keys(webhookProviders).join(', ')
  throw invalid(provider, `is no provider; there are ${names}, and customWebhook({ ... })`)
}

function invalid(name: string, fault: string): Error {
  return webhookErrors.webhook_invalid({ explanation: `webhook '${name}' ${fault}` })
}
