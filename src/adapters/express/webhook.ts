import type { RequestHandler } from 'express'
import { commonErrors, type SecurityError } from '../../errors/index.ts'
import type { Exchange } from '../../http/index.ts'
import { BoundedLines } from '../../ports/index.ts'
import {
  type WebhookHandler,
  type WebhookOptions,
  type WebhookOutcome,
  type WebhookProvider,
  type WebhookReceiver,
  webhookErrors,
} from '../../webhooks/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { sendAnswer } from '../node/respond.ts'
import { countUnverified } from '../node/unverified.ts'
import { refuse } from './refuse.ts'
import { markGate, markPolicy, type Pair, type Parts, type PolicyHandler } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'

/** Takes deliveries of another service; see `WebhookOptions`. It is the policy of its route. */
export interface WebhookVerb {
  /**
   * Verifies, writes the delivery down and answers 200; `handler` runs afterwards, at least once. What is
   * forged is 401, what is too old 401 `webhook_expired`, a replay 200 without any work. Throws
   * `webhook_invalid` where the route is written.
   */
  (provider: WebhookProvider, options: WebhookOptions, handler: WebhookHandler): PolicyHandler
  /** Verifies only and passes on, with `req.webhook`, `req.rawBody` and the payload as `req.body`. */
  (provider: WebhookProvider, options: WebhookOptions & { readonly mode: 'inline' }): PolicyHandler
}

export function webhookWith(parts: Parts): WebhookVerb {
  return (provider: WebhookProvider, options: WebhookOptions, handler?: WebhookHandler) => {
    const receiver = parts.security.webhooks.define(provider, options, handler)
    const { maxBytes, name } = receiver
    const policy = Object.freeze({ kind: 'webhook', provider: receiver.provider, name, maxBytes })
    const tellOnce = unprotectedNotice(parts, `webhook('${receiver.provider}')`)
    const { clock, logger } = parts.security.config
    const lines = new BoundedLines(logger, clock)
    const route: RequestHandler = (request, response, next) => {
      const at = { request, response }
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
      }
      if (request.method !== 'POST') return refuse(parts, at, commonErrors.method_not_allowed())
      // From here on the webhook counts, if anything does. One nobody knew for a webhook has been counted.
      if (exchange.state.webhook) parts.security.parts.surface.quotas.yieldTo(exchange)
      void take({ ...at, exchange, lines, next, parts, receiver })
    }
    return options.mode === 'inline' ? markGate(route, policy) : markPolicy(route, policy)
  }
}

interface Taking extends Pair {
  readonly exchange: Exchange
  readonly next: (error?: unknown) => void
  readonly parts: Parts
  readonly receiver: WebhookReceiver
  /** Anybody can send what is refused. */
  readonly lines: BoundedLines
}

async function take(at: Taking): Promise<void> {
  const { exchange, parts, receiver, request } = at
  try {
    const rawBody = await rawBytes(at)
    const outcome = await receiver.receive({ headers: exchange.headers, rawBody })
    if (outcome.status === 'refused') {
      tellRefused(at, outcome.error)
      return refuse(parts, at, countUnverified(parts.security, exchange, outcome.error))
    }
    if (outcome.status === 'verified') {
      request.rawBody = outcome.delivery.rawBody
      request.webhook = outcome.delivery
      request.body = outcome.delivery.payload
      return at.next()
    }
    answer(at, outcome)
  } catch (error) {
    refuseBroken(parts, at, error)
  }
}

function tellRefused({ exchange, lines, receiver }: Taking, error: SecurityError): void {
  const { method, path, requestId, state } = exchange
  lines.info('a webhook delivery was refused', {
    ...{ requestId, method, path, webhook: receiver.name, ip: state.client?.ip },
    ...{ refusal: error.code, cause: error.message },
  })
}

/** The bytes as they were sent, from whoever has read them; never written down anew. */
async function rawBytes({ exchange, parts, receiver, request }: Taking): Promise<Uint8Array> {
  if (request.rawBody instanceof Uint8Array) return request.rawBody
  const { body } = request as { body?: unknown }
  if (body instanceof Uint8Array) return body
  if (body === undefined) return parts.webhookReads.read(exchange, receiver.maxBytes)
  const explanation =
    'a parser of the app has read the body of a webhook before Holdfast; call security.protect(app), or mount security.middleware() before express.json()'
  throw webhookErrors.webhook_raw_body_lost({ explanation })
}

function answer(
  { exchange, response }: Taking,
  outcome: Exclude<WebhookOutcome, { status: 'refused' | 'verified' }>,
): void {
  const { status } = outcome
  const json = status === 'challenged' ? { challenge: outcome.challenge } : { status }
  sendAnswer(response, exchange, { status: 200, json })
}

function refuseBroken(parts: Parts, at: Taking, error: unknown): void {
  const refusal = refusalOf(error)
  if (refusal.status >= 500) {
    const { requestId } = at.exchange
    const { name } = at.receiver
    parts.security.config.logger.error('a webhook could not be taken', { requestId, name, error })
  }
  if (at.response.headersSent) at.response.destroy()
  else refuse(parts, at, refusal)
}
