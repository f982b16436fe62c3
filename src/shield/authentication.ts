import { apiKeyErrors, type KeyAuthenticator } from '../api-keys/index.ts'
import { SecurityError } from '../errors/index.ts'
import {
  type Auth,
  type CookieMode,
  type Exchange,
  hostCookieName,
  originOf,
  readCookie,
  singleHeader,
} from '../http/index.ts'
import { type Authenticator, challenges, sessionErrors } from '../sessions/index.ts'

/** Looks up what was never seen, which costs a signature check or a database read; see `Quotas.tryUnknown`. */
export type TryUnknown = <T>(exchange: Exchange, lookUp: () => T | Promise<T>) => T | Promise<T>

export interface AuthenticationParts {
  readonly authenticator: Authenticator
  readonly keys: KeyAuthenticator
  readonly cookies: CookieMode
  /** Checks a token that was never seen, within the points of the client; throws `rate_limited`. */
  readonly tryUnknown: TryUnknown
}

const bearerShape = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i

/**
 * Finds out who is calling. A credential that is there and wrong never becomes "nobody": it is
 * remembered as the failure that every protected route answers with. Whoever shows two different
 * credentials is judged by the Authorization header or the X-API-Key header alone, and by neither when
 * they differ.
 */
export function authenticate(
  exchange: Exchange,
  parts: AuthenticationParts,
): undefined | Promise<undefined> {
  const header = exchange.headers.authorization
  const key = exchange.headers['x-api-key']
  if (key !== undefined) return apiKey(exchange, key, parts)
  if (header !== undefined) return bearer(exchange, header, parts)
  const cookie = readCookie(
    singleHeader(exchange.headers, 'cookie'),
    hostCookieName('hf_session', parts.cookies),
  )
  if (cookie === undefined) return undefined
  exchange.state.credential = 'cookie'
  const shown = presented(exchange, cookie)
  const known = parts.authenticator.recallCookie(shown)
  if (known) return settle(exchange, known)
  return parts.tryUnknown(exchange, () => settle(exchange, parts.authenticator.cookie(shown)))
}

function bearer(
  exchange: Exchange,
  header: string | readonly string[],
  parts: AuthenticationParts,
): undefined | Promise<undefined> {
  const token = bearerToken(header)
  // Browsers add Basic and its kin unasked, so only a bearer token counts as one for CSRF.
  exchange.state.credential = isBearer(header) ? 'bearer' : 'none'
  if (token === undefined) {
    exchange.state.failure = sessionErrors.token_invalid({ headers: challenges.invalid })
    return undefined
  }
  if (parts.keys.claims(token)) return showKey(exchange, token, parts)
  const shown = presented(exchange, token)
  const known = parts.authenticator.recallBearer(shown)
  if (known) return settle(exchange, known)
  return parts.tryUnknown(exchange, () => settle(exchange, parts.authenticator.bearer(shown)))
}

/** A key in its own header. An Authorization header beside it has to hold the same one. */
function apiKey(
  exchange: Exchange,
  header: string | readonly string[],
  parts: AuthenticationParts,
): undefined | Promise<undefined> {
  const { authorization } = exchange.headers
  const isOne = authorization === undefined || bearerToken(authorization) === header
  if (typeof header === 'string' && isOne) return showKey(exchange, header, parts)
  exchange.state.credential = 'api_key'
  exchange.state.failure = apiKeyErrors.api_key_invalid({ headers: challenges.invalid })
  return undefined
}

function showKey(
  exchange: Exchange,
  key: string,
  parts: AuthenticationParts,
): undefined | Promise<undefined> {
  exchange.state.credential = 'api_key'
  const shown = { key, origin: originOf(exchange) }
  const known = parts.keys.recall(shown)
  if (known) return settle(exchange, known)
  return parts.tryUnknown(exchange, () => settle(exchange, parts.keys.authenticate(shown)))
}

function bearerToken(header: string | readonly string[]): string | undefined {
  return typeof header === 'string' ? bearerShape.exec(header)?.[1] : undefined
}

function isBearer(header: string | readonly string[]): boolean {
  return typeof header === 'string' && /^bearer /i.test(header)
}

function presented(exchange: Exchange, token: string) {
  return { token, background: exchange.headers['x-background'] === '1' }
}

function settle(
  exchange: Exchange,
  outcome: Auth | SecurityError | Promise<Auth | SecurityError>,
): undefined | Promise<undefined> {
  if (outcome instanceof Promise) return outcome.then((settled) => keep(exchange, settled))
  return keep(exchange, outcome)
}

function keep(exchange: Exchange, outcome: Auth | SecurityError): undefined {
  if (outcome instanceof SecurityError) exchange.state.failure = outcome
  else exchange.state.auth = outcome
}
