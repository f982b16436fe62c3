import type { Request, RequestHandler, Response } from 'express'
import { auditErrors, isAuditAction } from '../../audit/index.ts'
import type { Actor, Outcome, Resource } from '../../events/index.ts'
import { type Exchange, originOf } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import type { Pair, Parts } from './types.ts'

/** What is kept of the use of a route. */
export interface UseOptions {
  /** The thing the route is about, for the record. Asked when the answer is out. */
  readonly resource?: (request: Request) => Resource | undefined
}

/** What a proxy would log for a client that went away before there was an answer. */
const clientClosedRequest = 499

/** Throws `audit_action_invalid` where the route is written, not when it is first used. */
export function checkAction(action: string): void {
  if (isAuditAction(action)) return
  const explanation = `audit '${action}': write 1 to 100 of a-z, 0-9, . _ and -, for example orders.export`
  throw auditErrors.audit_action_invalid({ explanation })
}

/** Records the use of a route when its answer is out, or when the client has gone: once a request. */
export class UseRecorder {
  readonly #parts: Parts
  readonly #action: string
  readonly #options: UseOptions
  readonly #watched = new WeakSet<Response>()

  constructor(parts: Parts, action: string, options: UseOptions) {
    this.#parts = parts
    this.#action = action
    this.#options = options
  }

  watch(exchange: Exchange, at: Pair): void {
    if (this.#watched.has(at.response)) return
    this.#watched.add(at.response)
    at.response.once('close', () => this.#record(exchange, at))
  }

  /** Runs outside of the request, where nothing could catch what it threw. */
  #record(exchange: Exchange, { request, response }: Pair): void {
    const { refusals, security } = this.#parts
    try {
      const about = this.#options.resource?.(request)
      const reason = response.writableFinished ? refusals.get(response) : 'aborted'
      security.parts.ground.audit.access({
        action: this.#action,
        actor: actorOf(exchange),
        ...(about ? { resource: about } : {}),
        ...(reason === undefined ? {} : { reason }),
        outcome: outcomeOf(response),
        origin: originOf(exchange),
        status: response.headersSent ? response.statusCode : clientClosedRequest,
        durationMs: security.config.clock.monotonic() - exchange.startedAt,
      })
    } catch (error) {
      const fields = { action: this.#action, requestId: exchange.requestId, error }
      security.config.logger.error('the use of a route could not be recorded', fields)
    }
  }
}

function actorOf({ state: { auth } }: Exchange): Actor {
  if (!auth) return { kind: 'anonymous' }
  if (auth.keyId !== undefined) return { kind: 'api_key', id: auth.keyId }
  return { kind: 'user', id: auth.userId }
}

function outcomeOf({ statusCode, writableFinished }: Response): Outcome {
  if (!writableFinished) return 'failure'
  if (statusCode === 401 || statusCode === 403) return 'refused'
  return statusCode < 400 ? 'success' : 'failure'
}

/** Middleware that records each use of what stands behind it. */
export interface AuditVerb {
  (action: string, options?: UseOptions): RequestHandler
  /** The app's own records: `record(entry)` or, inside its transaction, `record(entry, { tx })`. */
  readonly record: Security['audit']['record']
}

export function auditWith(parts: Parts): AuditVerb {
  const { security, slot } = parts
  const middleware = (action: string, options: UseOptions = {}): RequestHandler => {
    checkAction(action)
    const recorder = new UseRecorder(parts, action, options)
    return (request, response, next) => {
      const exchange = slot.get(request)
      if (exchange) recorder.watch(exchange, { request, response })
      next()
    }
  }
  return Object.assign(middleware, { record: security.audit.record })
}
