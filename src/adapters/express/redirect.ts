import type { Response } from 'express'
import { redirectTarget } from '../../http/index.ts'
import type { Parts } from './types.ts'

/** Where a redirect may lead beside our own paths. */
export interface RedirectOptions {
  /** Exact origins, such as `https://shop.example`. Default: none. */
  readonly allow?: readonly string[]
  /** Where to instead; a path of our own. Default `/`. */
  readonly fallback?: string
  /** Default 303: what follows is a GET. */
  readonly status?: 302 | 303 | 307 | 308
}

/**
 * Redirects to a target that a client may have chosen: to a path of our own or an exact origin, and to
 * `fallback` for everything else.
 */
export type RedirectVerb = (response: Response, target: unknown, options?: RedirectOptions) => void

/** Makes the verb; see `redirectTarget`. */
export function redirectWith({ security }: Parts): RedirectVerb {
  const ownOrigin = new URL(security.config.baseUrl).origin
  return (response, target, options = {}) => {
    const { allow = [], fallback = '/', status = 303 } = options
    const rules = { ownOrigin, allow }
    const location = redirectTarget(target, rules) ?? redirectTarget(fallback, rules) ?? '/'
    response.status(status).set('location', location).end()
  }
}
