import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { type RequestHeaders, singleHeader } from '../../http/index.ts'
import type { Security } from '../../security.ts'
import { checkCrossSite, csrfErrors } from '../../shield/index.ts'
import { PlainHeaders } from '../node/plain-headers.ts'
import { refuse } from './refuse.ts'
import type { Parts } from './types.ts'

/** Middleware; called without arguments it gives the headers of one response as an object. */
export type HeadersVerb = RequestHandler & Security['headers']

/**
 * The security headers alone, for apps that mount nothing else. It needs no database. Where the
 * whole pipeline has run already it does nothing.
 */
export function headersWith(
  { security, slot }: Parts,
  nonces: WeakMap<Request, string>,
): HeadersVerb {
  const plain = new PlainHeaders(security.config)
  const asObject = security.headers.bind(security)
  const middleware = (request: Request, response: Response, next: NextFunction) => {
    if (slot.get(request)) return next()
    const { list, nonce } = plain.next()
    response.removeHeader('x-powered-by')
    for (let at = 0; at < list.length; at += 2) {
      response.setHeader(list[at] ?? '', list[at + 1] ?? '')
    }
    if (nonce !== undefined) nonces.set(request, nonce)
    next()
  }
  const both = (...values: [] | [Request, Response, NextFunction]) =>
    values.length === 0 ? asObject() : middleware(...values)
  return both as HeadersVerb
}

/**
 * The rule against cross-site requests alone, for apps with cookies of their own: an unsafe method
 * must come from `baseUrl`, from an origin of `cors` with credentials, or from no browser at all.
 * Sec-Fetch-Site decides, else Origin. Where the whole pipeline has run already it does nothing.
 */
export function csrfWith(parts: Parts): RequestHandler {
  const { baseUrl, cors } = parts.security.config
  const ownOrigin = new URL(baseUrl).origin
  const allowedOrigins = cors.credentials ? cors.origins : []
  return (request, response, next) => {
    if (parts.slot.get(request)) return next()
    const headers: RequestHeaders = request.headers
    const verdict = checkCrossSite({
      method: request.method,
      secFetchSite: singleHeader(headers, 'sec-fetch-site'),
      origin: singleHeader(headers, 'origin'),
      ownOrigin,
      allowedOrigins,
    })
    if (verdict.ok) next()
    else refuse(parts, { request, response }, csrfErrors.csrf_refused())
  }
}
