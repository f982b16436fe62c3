import type { Request, RequestHandler } from 'express'
import { answerOfProblem, clientKeyOf } from '../../http/index.ts'
import { limitHeaders, rateLimited } from '../../limits/index.ts'
import type { Security } from '../../security.ts'
import { sendAnswer } from '../node/respond.ts'
import type { ExchangeSlot } from './types.ts'

export interface RateLimitOptions {
  /** What is counted; default the account, or the client when nobody is signed in. */
  readonly key?: (request: Request) => string
}

/** Counts requests by a policy of `limits.policies`; 429 when it is used up. */
export function rateLimitWith(security: Security, slot: ExchangeSlot) {
  return (policy: string, options: RateLimitOptions = {}): RequestHandler =>
    async (request, response, next) => {
      const exchange = slot.get(request)
      if (!exchange) return next(new Error('rateLimit() needs Holdfast mounted before it'))
      try {
        const key = options.key?.(request) ?? exchange.state.auth?.userId ?? clientKeyOf(exchange)
        const verdict = await security.limits.consume(policy, key)
        if (!verdict.allowed) throw rateLimited(verdict)
        const [name = '', value = '', field = '', state = ''] = limitHeaders(verdict)
        response.setHeader(name, value)
        response.setHeader(field, state)
      } catch (error) {
        return sendAnswer(response, exchange, answerOfProblem(error, exchange.requestId))
      }
      next()
    }
}
