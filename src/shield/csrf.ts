import { equalSecrets, hmacSha256 } from '../crypto/index.ts'
import { defineErrors } from '../errors/index.ts'
import type { CredentialKind } from '../http/index.ts'

export const csrfErrors = defineErrors({
  csrf_refused: {
    status: 403,
    title: 'Cross-site request refused',
    detail:
      'This request did not come from our own pages, or its X-CSRF-Token is missing or wrong.',
  },
})

/**
 * The token of a session: HMAC-SHA256 over its id, 43 characters of base64url. It needs no row and
 * no second cookie, ends with the session, and is worthless for any other.
 */
export function csrfToken(key: Uint8Array, sessionId: string): string {
  return hmacSha256(key, `csrf:${sessionId}`).toString('base64url')
}

/** What browsers say about where a request comes from. Absent means that the header was not sent. */
export interface SiteFacts {
  readonly method: string
  /** Sec-Fetch-Site (Fetch Metadata). A page's script cannot set it. */
  readonly secFetchSite: string | undefined
  readonly origin: string | undefined
  /** The origin of `baseUrl`. */
  readonly ownOrigin: string
  /** Other exact origins that may change state here: those of CORS with credentials. */
  readonly allowedOrigins: readonly string[]
}

export interface CsrfFacts extends SiteFacts {
  readonly credential: CredentialKind
  /** X-CSRF-Token, or the form field `_csrf`. */
  readonly token: string | undefined
  /** The token of the session at hand; asked only when the headers leave the question open. */
  readonly expected: () => string
}

export type CsrfRefusal = 'cross_site' | 'foreign_origin' | 'token_missing' | 'token_wrong'

export type CsrfVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: CsrfRefusal }

const passed: CsrfVerdict = Object.freeze({ ok: true })

/**
 * Decides whether a request was meant by the person whose cookie it carries. Only a cookie is sent
 * without being asked for, so other credentials pass; so do methods that change nothing. Then
 * Sec-Fetch-Site decides, else Origin, else the token. A header that is there but says nothing known
 * refuses.
 */
export function checkCsrf(facts: CsrfFacts): CsrfVerdict {
  if (facts.credential !== 'cookie' || isSafe(facts.method)) return passed
  return siteVerdict(facts) ?? tokenVerdict(facts)
}

/**
 * The same for public routes that change state, such as sign-in: there is no session to bind a token
 * to, so what browsers say must do. A caller that sends neither header is no browser and passes.
 */
export function checkCrossSite(facts: SiteFacts): CsrfVerdict {
  if (isSafe(facts.method)) return passed
  return siteVerdict(facts) ?? passed
}

/** RFC 9110 section 9.2.1. TRACE is left out: node:http refuses it and nobody needs it. */
function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Undefined when the browser, or whatever it is, says nothing. */
function siteVerdict(facts: SiteFacts): CsrfVerdict | undefined {
  const { secFetchSite: site, origin, ownOrigin, allowedOrigins } = facts
  if (site === 'same-origin' || site === 'none') return passed
  if (site !== undefined) {
    const allowed = origin !== undefined && allowedOrigins.includes(origin)
    return allowed ? passed : { ok: false, reason: 'cross_site' }
  }
  if (origin === undefined) return undefined
  if (origin === ownOrigin || allowedOrigins.includes(origin)) return passed
  return { ok: false, reason: 'foreign_origin' }
}

function tokenVerdict({ token, expected }: CsrfFacts): CsrfVerdict {
  if (token === undefined || token === '') return { ok: false, reason: 'token_missing' }
  return equalSecrets(token, expected()) ? passed : { ok: false, reason: 'token_wrong' }
}

/** Whether the form field `_csrf` of a parsed body is the token of the session. Constant time. */
export function matchesCsrfField(body: unknown, expected: string): boolean {
  if (typeof body !== 'object' || body === null || !('_csrf' in body)) return false
  return typeof body._csrf === 'string' && equalSecrets(body._csrf, expected)
}
