import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { commonErrors } from '../../errors/index.ts'
import { type Auth, answerOfProblem, bodyKind, type Exchange } from '../../http/index.ts'
import type { Entry, Security } from '../../security.ts'
import {
  enforcePolicy,
  enforceStepUp,
  type ProofOptions,
  readProofOptions,
  requireAuth,
} from '../../shield/index.ts'
import { judgeAccess, noteAccess } from './access-control.ts'
import { invalidGuard } from './errors.ts'
import { Gate } from './gate.ts'
import { tellMissing } from './missing.ts'
import { problemOf } from './problem-of.ts'
import { applyHeaders, sendAnswer } from './respond.ts'
import { checkCsrfField, hasBody, readStrictBody, strictKind } from './strict-body.ts'

/** A request that passed the pipeline, as a plain node:http handler meets it. */
export interface GuardedRequest {
  readonly exchange: Exchange
  readonly auth: Auth | undefined
  /**
   * Throws 401 without a session, 403 without the permission, and 401 `step_up_required` without the
   * proof that `options` ask for; the listener answers with it. Throws `guard_invalid` for options that
   * are none.
   */
  require(permission: string, options?: ProofOptions): Auth
  /**
   * Reads the body as JSON or a form, strictly; undefined for an empty one. Rejects with 400, 408,
   * 413 or, for any other type, 415. Bodies of other types are on `request`, untouched.
   */
  body(): Promise<unknown>
}

/** A plain node:http handler, called only for requests that passed the pipeline. A promise is awaited. */
export type GuardedListener = (
  request: IncomingMessage,
  response: ServerResponse,
  guarded: GuardedRequest,
) => unknown

/**
 * A listener for `http.createServer` behind the whole pipeline; Holdfast's own paths are answered
 * before `handler`. A handler that throws before it has answered ends in problem+json, one that
 * throws later loses its connection.
 */
export function listener(security: Security, handler?: GuardedListener): RequestListener {
  const gate = new Gate(security)
  return (request, response) => {
    const exchange = gate.exchangeOf(request)
    const at: Meeting = { exchange, request, response }
    const entry = gate.enter(exchange)
    if (entry instanceof Promise) void entry.then((late) => settle(late, at))
    else void settle(entry, at)
  }

  async function settle(entry: Entry, at: Meeting): Promise<void> {
    try {
      if (entry.kind === 'answer') sendAnswer(at.response, at.exchange, entry.answer)
      else await handle(at)
    } catch (error) {
      fail(error, at)
    }
  }

  async function handle({ exchange, request, response }: Meeting): Promise<void> {
    if (!handler) throw commonErrors.not_found()
    applyHeaders(response, exchange)
    const guarded = guardedRequest(security, exchange)
    if (exchange.state.csrfPending) checkCsrfField(security, exchange, await guarded.body())
    await handler(request, response, guarded)
  }

  function fail(error: unknown, { exchange, response }: Meeting): void {
    const problem = problemOf(error)
    tellMissing(security, exchange, problem)
    gate.hints.about({ exchange, refusal: problem, guard: plainGuard })
    const { path, requestId } = exchange
    if (problem.status >= 500) {
      security.config.logger.error('a listener failed', { path, requestId, error })
    }
    sendAnswer(response, exchange, answerOfProblem(problem, requestId))
    if (!response.writableEnded) response.destroy()
  }
}

/** `require` asks for the permission as a whole. */
const plainGuard = { rows: false, object: false, organisation: false }

interface Meeting {
  readonly exchange: Exchange
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

function guardedRequest(security: Security, exchange: Exchange): GuardedRequest {
  return {
    exchange,
    auth: exchange.state.auth,
    require(permission, options) {
      const read = readProofOptions(options ?? {})
      if (!read.ok) throw invalidGuard(`require(permission, options): ${read.fault}`)
      const demand = { security, exchange, asked: permission }
      const policy = { kind: 'permission', permission } as const
      const lacking = judgeAccess(demand, () => enforcePolicy(exchange, policy))
      if (lacking) noteAccess(demand, lacking, false)
      enforceStepUp(exchange, { ...read.rule, now: security.config.clock.now() })
      return requireAuth(exchange)
    },
    async body() {
      const { headers } = exchange
      const kind = strictKind(headers)
      if (!kind && !hasBody(headers)) return undefined
      const read = kind ?? bodyKind(headers, ['json', 'form'])
      const { value } = await readStrictBody(security, exchange, read)
      security.parts.rooms.detector.inspectBody(exchange, value, read)
      return value
    },
  }
}
