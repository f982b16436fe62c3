import type { ErrorRequestHandler } from 'express'
import { commonErrors, SecurityError } from '../../errors/index.ts'
import { answerOfProblem } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { sendAnswer } from '../node/respond.ts'
import type { ExchangeSlot } from './types.ts'

/**
 * The last middleware of the app: turns what was thrown into problem+json. Errors of Express and its
 * parsers keep their 4xx status without their text; everything else is a bare 500 and a log line.
 */
export function errorHandlerWith(security: Security, slot: ExchangeSlot): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const exchange = slot.get(request)
    const known = recognise(error)
    if (known.status >= 500) {
      const where = { method: request.method, path: request.path }
      security.config.logger.error('a route of the app failed', { ...where, error })
    }
    const answer = answerOfProblem(known, exchange?.requestId)
    if (exchange) return sendAnswer(response, exchange, answer)
    response.writeHead(answer.status, answer.headers as Record<string, string>)
    response.end(JSON.stringify(answer.json))
  }
}

function recognise(error: unknown): SecurityError {
  if (error instanceof SecurityError) return error
  const status = statusOf(error)
  if (status === undefined) return commonErrors.internal_error({ cause: error })
  const base = commonErrors.invalid_request.call(undefined, { cause: error })
  return new SecurityError(
    'invalid_request',
    { status, title: base.title, detail: 'The request could not be read.' },
    { cause: error },
  )
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
