import type { HeaderConfig } from '../config/index.ts'
import { type Exchange, ownPath, type RequestHeaders, singleHeader } from '../http/index.ts'
import type { CompiledHeaders } from './headers.ts'

/** What the steps about response headers work with. */
export interface HeaderStepParts {
  readonly headers: CompiledHeaders
  readonly nonce: () => string
  readonly secure: boolean
  /** Cache-Control of answers to whoever showed a credential; our own API always says `no-store`. */
  readonly caching: HeaderConfig['authenticatedCaching']
  /** First path segments that are ours. */
  readonly prefixes: readonly string[]
}

/** The security headers, before anything can refuse. */
export function responseHeaders(exchange: Exchange, parts: HeaderStepParts): undefined {
  const { state } = exchange
  const nonce = () => {
    state.nonce ??= parts.nonce()
    return state.nonce
  }
  state.responseHeaders = parts.headers.forResponse({
    secure: parts.secure,
    authenticated: false,
    page: mayReport(exchange.headers),
    nonce,
  })
  state.responseHeaders.push('x-request-id', exchange.requestId)
}

/**
 * Whether a browser may show or run the answer: what a script fetches, and what a program asks for, breaks
 * no policy. A browser that says nothing of this asks for a page by `Accept`.
 */
function mayReport(headers: RequestHeaders): boolean {
  const destination = singleHeader(headers, 'sec-fetch-dest')
  if (destination !== undefined) return destination !== 'empty'
  return singleHeader(headers, 'accept')?.includes('text/html') === true
}

/** An answer to somebody who showed a credential belongs to her alone. */
export function cacheRules(exchange: Exchange, { caching, prefixes }: HeaderStepParts): undefined {
  if (exchange.state.credential === 'none') return
  const isApps = caching !== 'no-store' && ownPath(exchange.path, prefixes) === 'other'
  const value = isApps ? caching : 'no-store'
  if (value !== false) exchange.state.responseHeaders.push('cache-control', value)
}
