import type { Request, RequestHandler, Response } from 'express'
import { markGate, markPolicy, type Parts, type PolicyHandler } from './types.ts'

const everybody = Object.freeze({ kind: 'open' })
const passOn: RequestHandler = (_request, _response, next) => next()

/**
 * Says that a route, or middleware with a path, is for everybody. Wrapped middleware speaks for
 * itself alone; when it answers by itself, as static files do, that costs its client nothing of the
 * general quota.
 */
export function openWith(parts: Parts) {
  return (handler?: RequestHandler): PolicyHandler => {
    if (!handler) return markGate((...values) => passOn(...values), everybody)
    const wrapped: RequestHandler = (request, response, next) => {
      let passedOn = false
      response.once('finish', () => {
        if (!passedOn) releaseQuota(parts, request, response)
      })
      return handler(request, response, (error?: unknown) => {
        passedOn = true
        next(error as never)
      })
    }
    return markPolicy(wrapped, everybody)
  }
}

function releaseQuota({ security, slot }: Parts, request: Request, response: Response): void {
  const exchange = slot.get(request)
  const read = request.method === 'GET' || request.method === 'HEAD'
  if (!exchange || !read || response.statusCode >= 400) return
  try {
    security.parts.surface.quotas.release(exchange)
  } catch (error) {
    security.config.logger.warn('a quota could not be given back', { error })
  }
}
