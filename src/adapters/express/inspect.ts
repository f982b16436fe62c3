import type { Request, RequestHandler } from 'express'
import { commonErrors } from '../../errors/index.ts'
import { singleHeader } from '../../http/index.ts'
import { refusalOf } from '../node/problem-of.ts'
import { strictKind } from '../node/strict-body.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'
import { unprotectedNotice } from './unprotected.ts'

/**
 * Looks for attacks in a body that Holdfast does not read itself: XML, text and multipart. It stands behind
 * the parser of the app that makes `req.body`. JSON and forms have been read before any handler.
 */
export function inspectWith(parts: Parts) {
  return (): RequestHandler => {
    const tellOnce = unprotectedNotice(parts, 'inspect')
    return (request, response, next) => {
      const at = { request, response }
      const exchange = parts.slot.get(request)
      if (!exchange) {
        tellOnce(request)
        return refuse(parts, at, commonErrors.unavailable({ retryAfter: 1 }))
      }
      try {
        if (!strictKind(exchange.headers)) {
          const { body, kind } = bodyOf(request)
          parts.security.parts.rooms.detector.inspectBody(exchange, body, kind)
        }
      } catch (error) {
        return refuse(parts, at, refusalOf(error))
      }
      next()
    }
  }
}

function bodyOf({ body, headers }: Request): {
  readonly body: unknown
  readonly kind: 'json' | 'form' | 'text' | 'xml'
} {
  const type = singleHeader(headers, 'content-type')?.toLowerCase() ?? ''
  const text = /[/+]xml\b/.test(type) ? 'xml' : 'text'
  if (Buffer.isBuffer(body)) return { body: body.toString('utf8'), kind: text }
  if (typeof body === 'string') return { body, kind: text }
  return { body, kind: /[/+]json\b/.test(type) ? 'json' : 'form' }
}
