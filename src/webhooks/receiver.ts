import { SecurityError } from '../errors/index.ts'
import { bodyErrors, type RequestHeaders } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import { type ReadDelivery, readDelivery, type WebhookDelivery } from './delivery.ts'
import { webhookErrors } from './errors.ts'
import type { WebhookSettings } from './options.ts'
import { checkKind } from './payload.ts'
import { verifySignature, type WebhookRequest } from './signature.ts'

/** Does the work of a delivery. It may run more than once for the same one: look at its `id`. */
export type WebhookHandler = (delivery: WebhookDelivery) => unknown

/** What became of a request to a webhook. */
export type WebhookOutcome =
  /**
   * `accepted`: written down, the handler will run. `duplicate`: taken before. `ignored`: its topic is not
   * asked for. All three are answered 200.
   */
  | { readonly status: 'accepted' | 'duplicate' | 'ignored'; readonly id: string }
  /** Of `inline` webhooks: verified, and nothing else. */
  | { readonly status: 'verified'; readonly delivery: WebhookDelivery }
  /** The provider asks whether this address is yours: answer 200 with `{ challenge }`. */
  | { readonly status: 'challenged'; readonly challenge: string }
  /**
   * Not taken; `error` has status and code of the answer. Count it by its sender, also one whose signature
   * was right: who has captured a delivery that is too old can send it for ever.
   */
  | { readonly status: 'refused'; readonly error: SecurityError }

/** For the log: the answer is one for both. */
const causes = {
  unreadable: 'the headers of the signature are missing or cannot be read',
  invalid: 'no secret of this webhook has signed these bytes',
} as const

type WebhookRefusal = Extract<WebhookOutcome, { status: 'refused' }>

/** A request from any framework. `rawBody` are the bytes as they came, before any parser. */
export interface AnyWebhookRequest {
  readonly headers: RequestHeaders | Headers
  readonly rawBody: Uint8Array
}

/** Writes a delivery down; false when it was taken before. */
export type Enqueue = (settings: WebhookSettings, delivery: ReadDelivery) => Promise<boolean>

export interface ReceiverParts {
  readonly settings: WebhookSettings
  readonly clock: Pick<Clock, 'now'>
  /** Undefined for webhooks that only verify. */
  readonly enqueue: Enqueue | undefined
}

/** One webhook: the secrets and rules of a provider, and where its deliveries go. */
export class WebhookReceiver {
  readonly #parts: ReceiverParts

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  /** See the option `name`. */
  get name(): string {
    return this.#parts.settings.name
  }

  get provider(): string {
    return this.#parts.settings.scheme.name
  }

  /** Most bytes of a body; read no more. */
  get maxBytes(): number {
    return this.#parts.settings.maxBytes
  }

  /**
   * Verifies a request and takes its delivery, without any HTTP of its own. What is wrong with the request
   * is an outcome; rejects only when the delivery cannot be written down, which the provider should be
   * answered with 503, so that it comes again.
   */
  async receive(sent: AnyWebhookRequest): Promise<WebhookOutcome> {
    const { clock, enqueue, settings } = this.#parts
    const read = this.#read(sent)
    if ('status' in read) return read
    const challenge = settings.scheme.challenge?.(read.payload)
    if (challenge !== undefined) return { status: 'challenged', challenge }
    const { id, topic } = read
    const { topics } = settings
    if (topics && (topic === undefined || !topics.has(topic))) return { status: 'ignored', id }
    if (!enqueue) {
      const delivery = deliveryOf(read, settings, { receivedAt: clock.now(), attempt: 1 })
      return { status: 'verified', delivery }
    }
    return { status: (await enqueue(settings, read)) ? 'accepted' : 'duplicate', id }
  }

  #read(sent: AnyWebhookRequest): ReadDelivery | WebhookRefusal {
    const { clock, settings } = this.#parts
    const { keys, maxBytes, scheme, windowMs } = settings
    const request = plain(sent)
    if (request.rawBody.byteLength > maxBytes) return refusal(bodyErrors.body_too_large())
    const verdict = verifySignature(request, { scheme, keys, windowMs, now: clock.now() })
    if (!verdict.ok) {
      return verdict.reason === 'expired'
        ? refusal(webhookErrors.webhook_expired())
        : refusal(
            webhookErrors.webhook_signature_invalid({
              explanation: verdict.isUnreadable ? causes.unreadable : causes.invalid,
            }),
          )
    }
    try {
      checkKind(request, scheme)
      return readDelivery(request, verdict.head, settings)
    } catch (error) {
      if (error instanceof SecurityError) return refusal(error)
      throw error
    }
  }
}

function refusal(error: SecurityError): WebhookRefusal {
  return { status: 'refused', error }
}

/** A delivery as its handler is given it. */
export function deliveryOf(
  { headers, id, payload, rawBody, topic }: Omit<ReadDelivery, 'idKey' | 'contentKey'>,
  { name, scheme }: WebhookSettings,
  at: { readonly receivedAt: number; readonly attempt: number; readonly signal?: AbortSignal },
): WebhookDelivery {
  return {
    ...{ name, id, topic, payload, headers },
    provider: scheme.name,
    rawBody: Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength),
    receivedAt: at.receivedAt,
    attempt: at.attempt,
    signal: at.signal ?? new AbortController().signal,
  }
}

function plain({ headers, rawBody }: AnyWebhookRequest): WebhookRequest {
  return { rawBody, headers: headers instanceof Headers ? Object.fromEntries(headers) : headers }
}
