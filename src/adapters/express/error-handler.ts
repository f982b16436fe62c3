import type { ErrorRequestHandler } from 'express'
import { answerThrown } from './refuse.ts'
import type { Parts } from './types.ts'

/**
 * The last middleware of the app: turns what was thrown into problem+json. Errors of Express and its
 * parsers keep their 4xx status without their text; everything else is a bare 500 and a log line.
 */
export function errorHandlerWith(parts: Parts): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    answerThrown(parts, { request, response }, error)
  }
}
