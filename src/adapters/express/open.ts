import type { RequestHandler } from 'express'
import { refusalOf } from '../node/problem-of.ts'
import { refuseHeldBody } from './held-body.ts'
import { refuse } from './refuse.ts'
import { markGate, markPolicy, type Pair, type Parts, type PolicyHandler } from './types.ts'

const everybody = Object.freeze({ kind: 'open' })

/**
 * Says that a route, or middleware with a path, is for everybody. Wrapped middleware speaks for
 * itself alone; when it answers a GET by itself, as static files do, that costs its client nothing of
 * the quota, however many are on their way at once.
 */
export function openWith(parts: Parts) {
  return (handler?: RequestHandler): PolicyHandler => {
    if (!handler) return markGate(passOn(parts), everybody)
    const wrapped: RequestHandler = (request, response, next) => {
      const at = { request, response }
      const takeBack = lendPoint(parts, at)
      return handler(request, response, (error?: unknown) => {
        try {
          takeBack()
        } catch (refused) {
          return refuse(parts, at, refusalOf(refused))
        }
        next(error as never)
      })
    }
    return markPolicy(wrapped, everybody)
  }
}

function passOn(parts: Parts): RequestHandler {
  return (request, response, next) => {
    try {
      refuseHeldBody(parts, request)
    } catch (refused) {
      return refuse(parts, { request, response }, refusalOf(refused))
    }
    next()
  }
}

/**
 * Gives the point of a GET back before it is known whether its answer is a file. What is returned
 * takes it back, once, and throws `rate_limited` where the quota has been used up meanwhile; an
 * answer that is a refusal takes it back by itself.
 */
function lendPoint({ security, slot }: Parts, { request, response }: Pair): () => void {
  const exchange = slot.get(request)
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!exchange || !reads) return () => {}
  const { quotas } = security.parts.surface
  let lent = quotas.release(exchange)
  const takeBack = () => {
    if (!lent) return
    lent = false
    quotas.chargeAgain(exchange)
  }
  response.once('close', () => {
    try {
      if (response.statusCode >= 400) takeBack()
    } catch (error) {
      security.config.logger.debug('a refused file was one too many', { error })
    }
  })
  return takeBack
}
