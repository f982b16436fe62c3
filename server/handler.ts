import type { RequestListener, ServerResponse } from 'node:http'
import { NodeExchange } from '../src/adapters/node/exchange.ts'
import { sendAnswer } from '../src/adapters/node/respond.ts'
import { commonErrors } from '../src/errors/index.ts'
import { answerOfProblem, type Exchange } from '../src/http/index.ts'
import { uuidv7 } from '../src/ports/index.ts'
import type { Entry, Security } from '../src/security.ts'

/**
 * Serves Holdfast's own API and nothing else: what belongs to an app is 404 here. Whatever throws
 * becomes a refusal; no request is left without an answer.
 */
export function ownHandler(security: Security): RequestListener {
  const { body, clock, random } = security.config
  return (request, response) => {
    const exchange = new NodeExchange(request, {
      clock,
      bodyTimeoutMs: body.timeoutMs,
      requestId: uuidv7(clock.now(), random),
    })
    enter(security, exchange).then(
      (entry) => answer(entry, exchange, response),
      (error) => sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId)),
    )
  }
}

async function enter(security: Security, exchange: Exchange): Promise<Entry> {
  return await security.enter(exchange)
}

function answer(entry: Entry, exchange: Exchange, response: ServerResponse): void {
  const nobody = () => answerOfProblem(commonErrors.not_found(), exchange.requestId)
  sendAnswer(response, exchange, entry.kind === 'answer' ? entry.answer : nobody())
}
