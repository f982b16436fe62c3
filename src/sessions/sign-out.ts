import type { SecurityError } from '../errors/index.ts'
import { type Auth, type Exchange, originOf } from '../http/index.ts'
import type { SessionCookies } from './cookies.ts'
import type { Sessions } from './sessions.ts'

export interface SignOutParts {
  readonly sessions: Pick<Sessions, 'end' | 'findByRefreshToken' | 'findBySessionToken'>
  readonly cookies: Pick<SessionCookies, 'refreshToken' | 'sessionToken'>
}

export interface SignOutRequest {
  readonly exchange: Exchange
  readonly auth: Auth | undefined
  /** The refresh token of a native client, from the body: nobody sends that without meaning it. */
  readonly refreshToken?: string | undefined
  /** Judges a cookie that no step before has judged: the objection to ending its session. */
  readonly judge: (sessionId: string) => SecurityError | undefined
}

/**
 * Ends the session of every credential that a request to sign out shows, because all its cookies go
 * with the answer: what was copied of any of them must be worth nothing. Ends all or, when a cookie
 * may have been sent by another site, throws the objection and ends none.
 */
export async function signOut(parts: SignOutParts, request: SignOutRequest): Promise<void> {
  const { exchange } = request
  const byToken = await parts.sessions.findByRefreshToken(request.refreshToken)
  const meant = sessionsById([request.auth, byToken?.auth])
  const sent = sessionsById(await cookieOwners(parts, exchange))
  for (const sessionId of isJudged(request) ? [] : sent.keys()) {
    const objection = meant.has(sessionId) ? undefined : request.judge(sessionId)
    if (objection) throw objection
  }
  for (const [sessionId, { userId }] of new Map([...meant, ...sent])) {
    await parts.sessions.end(sessionId, userId, {
      reason: 'logout',
      actor: { kind: 'user', id: userId },
      origin: originOf(exchange),
    })
  }
}

/** Whoever let the session cookie pass has found that the person meant this very request. */
function isJudged({ auth, exchange }: SignOutRequest): boolean {
  return auth !== undefined && exchange.state.credential === 'cookie'
}

async function cookieOwners(
  { cookies, sessions }: SignOutParts,
  exchange: Exchange,
): Promise<(Auth | undefined)[]> {
  const refreshed = await sessions.findByRefreshToken(cookies.refreshToken(exchange))
  // Beside an Authorization header nobody has looked at the session cookie yet.
  const beside = exchange.state.credential === 'bearer' ? cookies.sessionToken(exchange) : undefined
  const opaque = await sessions.findBySessionToken(beside)
  return [refreshed?.auth, opaque?.auth]
}

function sessionsById(callers: readonly (Auth | undefined)[]): Map<string, Auth> {
  const known = callers.filter((auth) => auth !== undefined)
  return new Map(known.map((auth) => [auth.sessionId, auth]))
}
