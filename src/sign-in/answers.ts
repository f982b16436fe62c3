import { type Answer, clientKeyOf, type Exchange, originOf } from '../http/index.ts'
import { browserOf, type SessionCookies } from '../sessions/index.ts'
import { realmOf } from '../users/index.ts'
import type { Asking, FlowRequest } from './requests.ts'
import type { MfaRequired, SignedIn } from './result.ts'

const headers = { 'cache-control': 'no-store' }

/** Who asks, as every door is told it. */
export function askingOf(exchange: Exchange, cookies: SessionCookies): Asking {
  return {
    devices: cookies.devices(exchange),
    clientKey: clientKeyOf(exchange),
    origin: originOf(exchange),
    realm: realmOf(exchange),
  }
}

/** The sign-in that a request goes on with, in its browser and its realm. */
export function flowOf(
  exchange: Exchange,
  cookies: SessionCookies,
  flow: string,
): Required<FlowRequest> {
  return { flow, browser: browserOf(exchange, cookies), realm: realmOf(exchange) }
}

/** A session was issued: its cookies, and whatever of its secrets scripts may hold. */
export function signedInAnswer(
  result: SignedIn,
  cookies: SessionCookies,
  recoveryCodes?: readonly string[],
): Answer {
  return {
    status: 200,
    headers,
    cookies: cookies.set(result.transport, result),
    json: { ...publicAnswer(result), ...(recoveryCodes ? { recoveryCodes } : {}) },
  }
}

/** The flow goes into the body, what binds it to this browser into a cookie. */
export function mfaRequiredAnswer(
  { browser, ...json }: MfaRequired,
  cookies: SessionCookies,
): Answer {
  const bound = browser === undefined ? [] : [cookies.flowCookie(browser, json.expiresIn)]
  return { status: 200, headers, cookies: bound, json }
}

/** Anything else that belongs to the caller alone. */
export function ownAnswer(json: unknown): Answer {
  return { status: 200, headers, json }
}

/** The body of an answer: of the secrets only what this transport hands to scripts. */
function publicAnswer(result: SignedIn) {
  const { accessToken, csrfToken, expiresIn, refreshToken, sessionId, status, transport, user } =
    result
  const { mfaRequiredBy } = result
  return {
    status,
    user,
    sessionId,
    csrfToken,
    ...(accessToken === undefined ? {} : { tokenType: 'Bearer', accessToken, expiresIn }),
    ...(transport === 'body' ? { refreshToken } : {}),
    ...(mfaRequiredBy === undefined ? {} : { mfaRequiredBy }),
  }
}
