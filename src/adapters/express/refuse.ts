import type { SecurityError } from '../../errors/index.ts'
import { answerOfProblem } from '../../http/index.ts'
import { problemOf } from '../node/problem-of.ts'
import { sendAnswer } from '../node/respond.ts'
import { refusalOrOwed } from './owed.ts'
import type { Pair, Parts } from './types.ts'

/** Answers with a refusal, with or without a decision on the request. */
export function refuse(parts: Parts, at: Pair, error: SecurityError): void {
  const { gate, slot } = parts
  const exchange = slot.get(at.request)
  if (exchange) {
    const refusal = refusalOrOwed(parts, exchange, error)
    noteRefused(parts, refusal)
    sendAnswer(at.response, exchange, answerOfProblem(refusal, exchange.requestId))
  } else {
    gate.refuse(at.request, at.response, error)
  }
}

/** Hands what a limit or a rule about addresses refused at a route to the record. */
function noteRefused({ security: { running } }: Parts, refusal: SecurityError): void {
  running?.surface.quotas.noteRefused(refusal)
  running?.ground.addressWatch.noteRefused(refusal)
}

/**
 * Answers for something the app or a library threw. Of what is not ours only a 4xx status remains;
 * the rest is a bare 500 and a log line. An answer that was under way loses its connection.
 */
export function answerThrown(parts: Parts, at: Pair, thrown: unknown): void {
  const problem = problemOf(thrown)
  if (problem.status >= 500) {
    const { method, path } = at.request
    const requestId = parts.slot.get(at.request)?.requestId
    const where = { method, path, ...(requestId === undefined ? {} : { requestId }) }
    parts.security.config.logger.error('a route of the app failed', { ...where, error: thrown })
  }
  if (at.response.headersSent && !at.response.writableEnded) at.response.destroy()
  else refuse(parts, at, problem)
}
