import { commonErrors, SecurityError } from '../errors/index.ts'
import {
  type Answer,
  type Exchange,
  resolveClient,
  singleHeader,
  type TrustedProxies,
} from '../http/index.ts'
import type { Logger } from '../ports/index.ts'
import { type AuthenticationParts, authenticate } from './authentication.ts'
import type { CompiledCors } from './cors.ts'
import { checkCrossSite, checkCsrf, csrfErrors, type SiteFacts } from './csrf.ts'
import type { CompiledHeaders } from './headers.ts'
import { localhostRedirect } from './host.ts'
import { nameOrganisation, type OrganisationNaming } from './organisation.ts'
import type { Quotas } from './quotas.ts'
import { checkSize, type SizeLimits } from './size.ts'

/** What the steps work with; everything is compiled once, when the security is made. */
export interface PipelineParts {
  readonly trusted: TrustedProxies
  readonly size: SizeLimits
  readonly headers: CompiledHeaders
  readonly cors: CompiledCors
  readonly authentication: AuthenticationParts
  readonly naming: OrganisationNaming
  readonly quotas: Quotas
  readonly csrfToken: (sessionId: string) => string
  readonly nonce: () => string
  readonly ownOrigin: string
  readonly secure: boolean
  readonly logger: Logger
  /** The answer to a refusal: a page for people, problem+json for programs. */
  readonly answerRefusal: (error: SecurityError, exchange: Exchange) => Answer
}

/** A step lets pass by returning nothing, answers at once, or refuses by throwing. */
type Step = (exchange: Exchange, parts: PipelineParts) => StepResult | Promise<StepResult>
type StepResult = Answer | undefined

/**
 * What every request passes, from top to bottom, before anything of the app runs. Order is security:
 * nothing that can be counted runs before the client is known, nothing that costs runs before it is
 * counted, and no answer, refusals included, leaves without the headers.
 */
export const pipeline: readonly (readonly [name: string, step: Step])[] = [
  ['client address', clientAddress],
  ['response headers', responseHeaders],
  ['size', size],
  ['host', host],
  ['cors', cors],
  ['authentication', (exchange, parts) => authenticate(exchange, parts.authentication)],
  ['cache rules', cacheRules],
  ['organisation', (exchange, parts) => nameOrganisation(exchange, parts.naming)],
  ['limits', limits],
  ['csrf', csrf],
]

/** Runs the steps; undefined means that the request may go on. A step that throws refuses. */
export function runPipeline(
  exchange: Exchange,
  parts: PipelineParts,
): StepResult | Promise<StepResult> {
  return runFrom(0, exchange, parts)
}

function runFrom(
  first: number,
  exchange: Exchange,
  parts: PipelineParts,
): StepResult | Promise<StepResult> {
  try {
    for (let at = first; at < pipeline.length; at++) {
      const step = pipeline[at]
      const result = step?.[1](exchange, parts)
      if (result instanceof Promise) return proceed(result, at + 1, { exchange, parts })
      if (result) return result
    }
    return undefined
  } catch (error) {
    return refuse(error, exchange, parts)
  }
}

async function proceed(
  pending: Promise<StepResult>,
  next: number,
  { exchange, parts }: { readonly exchange: Exchange; readonly parts: PipelineParts },
): Promise<StepResult> {
  try {
    return (await pending) ?? (await runFrom(next, exchange, parts))
  } catch (error) {
    return refuse(error, exchange, parts)
  }
}

/** A step that breaks is no verdict on the request, so it is 503: never 200, never 500. */
function refuse(error: unknown, exchange: Exchange, parts: PipelineParts): Answer {
  const decided = error instanceof SecurityError && error.status !== 500
  if (!decided || error.status > 500) {
    parts.logger.error('a request was refused because a step failed', {
      requestId: exchange.requestId,
      error,
    })
  }
  const refusal = decided ? error : commonErrors.unavailable({ retryAfter: 1, cause: error })
  return parts.answerRefusal(refusal, exchange)
}

function clientAddress(exchange: Exchange, { trusted }: PipelineParts): undefined {
  exchange.state.client = resolveClient(
    exchange.peerAddress,
    exchange.headers['x-forwarded-for'],
    trusted,
  )
}

function responseHeaders(exchange: Exchange, parts: PipelineParts): undefined {
  const { state } = exchange
  const nonce = () => {
    state.nonce ??= parts.nonce()
    return state.nonce
  }
  state.responseHeaders = parts.headers.forResponse({
    secure: parts.secure,
    authenticated: false,
    nonce,
  })
  state.responseHeaders.push('x-request-id', exchange.requestId)
}

function size(exchange: Exchange, parts: PipelineParts): undefined {
  const error = checkSize(exchange, parts.size)
  if (error) throw error
}

/**
 * A person who opened a page by the loopback address belongs at `baseUrl`, where her cookies are.
 * Only for a browser that asks for a page; programs are answered where they ask.
 */
function host(exchange: Exchange, { ownOrigin }: PipelineParts): StepResult {
  const { headers, method, path, query } = exchange
  if (!singleHeader(headers, 'accept')?.includes('text/html')) return undefined
  const location = localhostRedirect({
    method,
    path,
    query,
    ownOrigin,
    host: singleHeader(headers, 'host'),
  })
  return location === undefined ? undefined : { status: 302, headers: { location } }
}

function cors(exchange: Exchange, parts: PipelineParts): StepResult {
  const decision = parts.cors.decide({
    method: exchange.method,
    origin: singleHeader(exchange.headers, 'origin'),
    requestMethod: singleHeader(exchange.headers, 'access-control-request-method'),
  })
  if (decision.headers.length > 0) exchange.state.responseHeaders.push(...decision.headers)
  return decision.preflight ? { status: 204 } : undefined
}

/** An answer to somebody who showed a credential belongs to her alone. */
function cacheRules(exchange: Exchange): undefined {
  if (exchange.state.credential !== 'none') {
    exchange.state.responseHeaders.push('cache-control', 'no-store')
  }
}

function limits(exchange: Exchange, { quotas }: PipelineParts): undefined {
  quotas.charge(exchange)
}

function csrf(exchange: Exchange, parts: PipelineParts): undefined {
  const { auth, credential } = exchange.state
  const site = siteFacts(exchange, parts)
  // A bearer token or a key is never sent unasked. A cookie that names nobody protects nothing: then, as
  // without any, a sign-in from another site is what must not happen.
  if (credential === 'bearer' || credential === 'api_key') return undefined
  if (!auth) {
    refuseUnless(checkCrossSite(site))
    return undefined
  }
  const token = singleHeader(exchange.headers, 'x-csrf-token')
  const expected = () => parts.csrfToken(auth.sessionId)
  const verdict = checkCsrf({ ...site, credential, token, expected })
  if (!verdict.ok && verdict.reason === 'token_missing' && isForm(exchange)) {
    exchange.state.csrfPending = true
    return undefined
  }
  refuseUnless(verdict)
  return undefined
}

export function siteFacts(
  exchange: Exchange,
  parts: Pick<PipelineParts, 'ownOrigin' | 'cors'>,
): SiteFacts {
  return {
    method: exchange.method,
    secFetchSite: singleHeader(exchange.headers, 'sec-fetch-site'),
    origin: singleHeader(exchange.headers, 'origin'),
    ownOrigin: parts.ownOrigin,
    allowedOrigins: parts.cors.credentialedOrigins,
  }
}

function refuseUnless(verdict: { readonly ok: boolean }): void {
  if (!verdict.ok) throw csrfErrors.csrf_refused()
}

function isForm(exchange: Exchange): boolean {
  const type = singleHeader(exchange.headers, 'content-type') ?? ''
  return type.toLowerCase().startsWith('application/x-www-form-urlencoded')
}

/**
 * A WebSocket handshake is a GET that browsers send across sites with cookies and without a
 * preflight, so it must come from our own or an allowed origin, or from no browser at all.
 */
export function checkUpgradeOrigin(
  exchange: Exchange,
  parts: Pick<PipelineParts, 'ownOrigin' | 'cors'>,
): void {
  refuseUnless(checkCrossSite({ ...siteFacts(exchange, parts), method: 'POST' }))
}
