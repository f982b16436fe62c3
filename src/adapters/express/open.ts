import type { RequestHandler } from 'express'
import type { Security } from '../../security.ts'
import { type ExchangeSlot, markPolicy, type PolicyHandler } from './types.ts'

/**
 * Says that a route, or middleware with a path, is for everybody. Wrapped middleware that answers by
 * itself, such as static files, costs its client nothing of the general quota.
 */
export function openWith(security: Security, slot: ExchangeSlot) {
  return (handler?: RequestHandler): PolicyHandler => {
    if (!handler) return markPolicy((_request, _response, next) => next(), { kind: 'open' })
    const wrapped: RequestHandler = (request, response, next) => {
      const exchange = slot.get(request)
      let passedOn = false
      response.once('finish', () => {
        const read = request.method === 'GET' || request.method === 'HEAD'
        if (exchange && read && !passedOn) security.parts.surface.quotas.release(exchange)
      })
      return handler(request, response, (error?: unknown) => {
        passedOn = true
        next(error as never)
      })
    }
    return markPolicy(wrapped, { kind: 'open' })
  }
}
