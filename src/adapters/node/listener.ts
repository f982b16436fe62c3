import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { commonErrors } from '../../errors/index.ts'
import { type Answer, type Auth, answerOfProblem, type Exchange } from '../../http/index.ts'
import { uuidv7 } from '../../ports/index.ts'
import type { Entry, Security } from '../../security.ts'
import { enforcePolicy, requireAuth } from '../../shield/index.ts'
import { NodeExchange } from './exchange.ts'
import { applyHeaders, sendAnswer } from './respond.ts'

/** A request that passed the pipeline, as a plain node:http handler meets it. */
export interface GuardedRequest {
  readonly exchange: Exchange
  readonly auth: Auth | undefined
  /** Throws 401 without a session and 403 without the permission; the listener answers with it. */
  require(permission: string): Auth
}

export type GuardedListener = (
  request: IncomingMessage,
  response: ServerResponse,
  guarded: GuardedRequest,
) => void | Promise<void>

/**
 * A listener for `http.createServer` behind the whole pipeline; Holdfast's own paths are answered
 * before `handler`. A handler that throws before it has answered ends in problem+json.
 */
export function listener(security: Security, handler?: GuardedListener): RequestListener {
  const { body, clock, logger, random } = security.config
  return (request, response) => {
    const exchange = new NodeExchange(request, {
      clock,
      bodyTimeoutMs: body.timeoutMs,
      requestId: uuidv7(clock.now(), random),
    })
    const fail = (error: unknown) => {
      if (!isRefusal(error)) logger.error('a listener failed', { path: exchange.path, error })
      sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId))
    }
    const go = (entry: Entry): void | Promise<void> => {
      if (entry.kind === 'answer') return sendAnswer(response, exchange, entry.answer)
      if (!handler) return sendAnswer(response, exchange, nothingHere(exchange))
      applyHeaders(response, exchange)
      return handler(request, response, guardedRequest(exchange))
    }
    try {
      const entry = security.enter(exchange)
      const done = entry instanceof Promise ? entry.then(go) : go(entry)
      if (done instanceof Promise) done.catch(fail)
    } catch (error) {
      fail(error)
    }
  }
}

function guardedRequest(exchange: Exchange): GuardedRequest {
  return {
    exchange,
    auth: exchange.state.auth,
    require(permission) {
      enforcePolicy(exchange, { kind: 'permission', permission })
      return requireAuth(exchange)
    },
  }
}

function nothingHere(exchange: Exchange): Answer {
  return answerOfProblem(commonErrors.not_found(), exchange.requestId)
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'status' in error && Number(error.status) < 500
}
