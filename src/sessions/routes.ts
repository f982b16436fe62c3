import {
  idParams,
  logoutBody,
  me,
  refreshBody,
  refreshed,
  sessionList,
  sessionsEnded,
} from '../contract.ts'
import { type Database, json } from '../database/index.ts'
import type { SecurityError } from '../errors/index.ts'
import {
  type Auth,
  type Exchange,
  originOf,
  type Route,
  route,
  singleHeader,
} from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import { findUserById, profileOf } from '../users/index.ts'
import type { AccessTokens } from './access-token.ts'
import { refuseBrowser, type SessionCookies } from './cookies.ts'
import { challenges, sessionErrors } from './errors.ts'
import type { Sessions } from './sessions.ts'
import { signOut } from './sign-out.ts'
import type { SessionRow } from './table.ts'
import { type LiveSession, subjectOf } from './verdict.ts'

export interface SessionRouteParts {
  readonly database: Database
  readonly sessions: Sessions
  readonly tokens: AccessTokens
  readonly cookies: SessionCookies
  readonly clock: Clock
  readonly csrfToken: (sessionId: string) => string
  /** Judges a request whose credential is the refresh cookie. */
  readonly checkCookieRequest: (exchange: Exchange, sessionId: string) => SecurityError | undefined
  /** The objection to a request that goes on with what belongs to an account of this realm. */
  readonly checkRealm: (exchange: Exchange, realm: string) => SecurityError | undefined
  /** First segment, for example `/auth`. */
  readonly path: string
}

/** Routes of a session's own life: refresh, logout, activity, me, list, end. */
export function sessionRoutes(parts: SessionRouteParts): readonly Route[] {
  return [
    refreshRoute(parts),
    logoutRoute(parts),
    activityRoute(parts),
    meRoute(parts),
    listRoute(parts),
    endRoute(parts),
    endOthersRoute(parts),
  ]
}

function refreshRoute(parts: SessionRouteParts): Route {
  const { cookies, sessions, tokens } = parts
  return route({
    method: 'POST',
    path: `${parts.path}/refresh`,
    summary: 'Spend a refresh token for a new access token and its successor',
    policy: { kind: 'public' },
    body: refreshBody,
    responses: { 200: { description: 'A new access token', schema: refreshed } },
    problems: [
      ...['token_invalid', 'token_expired', 'session_revoked', 'csrf_refused'],
      ...['transport_not_for_browsers', 'organisation_not_found'],
    ],
    handle: async ({ body, exchange }) => {
      const native = body?.refreshToken
      if (native !== undefined) refuseBrowser(exchange)
      const token = native ?? cookies.refreshToken(exchange)
      if (token === undefined) throw sessionErrors.token_invalid({ headers: challenges.invalid })
      const result = await sessions.refresh({
        token,
        devices: native === undefined ? cookies.devices(exchange) : [],
        userAgent: singleHeader(exchange.headers, 'user-agent'),
        origin: originOf(exchange),
        permit: (session) => permitRefresh(parts, exchange, { session, native }),
      })
      if (!result.ok) throw result.error
      const { refreshToken, session } = result
      return {
        status: 200,
        headers: { 'cache-control': 'no-store' },
        cookies: cookies.renew(session.row.transport, { refreshToken }),
        json: {
          tokenType: 'Bearer',
          accessToken: tokens.mint(subjectOf(session)),
          expiresIn: tokens.lifetimeSeconds,
          csrfToken: parts.csrfToken(session.row.id),
          ...(native === undefined ? {} : { refreshToken }),
        },
      }
    },
  })
}

/**
 * A token is good only by the way it was handed out: the cookie's not in a body, nor the reverse. And only
 * where its session is good.
 */
function permitRefresh(
  parts: SessionRouteParts,
  exchange: Exchange,
  how: { readonly session: LiveSession; readonly native: string | undefined },
): SecurityError | undefined {
  const { native, session } = how
  const handedOut = native === undefined ? 'cookie' : 'body'
  if (session.row.transport !== handedOut) {
    return sessionErrors.token_invalid({ headers: challenges.invalid })
  }
  const foreign = parts.checkRealm(exchange, session.realm)
  if (foreign || native !== undefined) return foreign
  return parts.checkCookieRequest(exchange, session.row.id)
}

function logoutRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/logout`,
    summary: 'End this session, and that of every other credential shown',
    policy: { kind: 'public' },
    body: logoutBody,
    responses: { 204: { description: 'There is no session any more' } },
    problems: ['csrf_refused'],
    handle: async ({ auth, body, exchange }) => {
      const judge = (sessionId: string) => parts.checkCookieRequest(exchange, sessionId)
      await signOut(parts, { auth, exchange, judge, refreshToken: body?.refreshToken })
      return { status: 204, cookies: parts.cookies.clear() }
    },
  })
}

function activityRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/activity`,
    summary: 'Say that the person is still there',
    policy: { kind: 'signed-in', anyLevel: true },
    responses: { 204: { description: 'Noted' } },
    handle: async () => ({ status: 204 }),
  })
}

function meRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/me`,
    summary: 'Who is signed in, and what she may do',
    policy: { kind: 'signed-in', anyLevel: true },
    responses: { 200: { description: 'The caller', schema: me } },
    handle: async ({ auth }) => {
      const row = auth && (await findUserById(parts.database.reader, auth.userId))
      if (!auth || !row) throw sessionErrors.session_revoked({ headers: challenges.revoked })
      const { level, permissions, roles, sessionId } = auth
      return {
        status: 200,
        json: {
          user: { ...profileOf(row), roles, permissions },
          sessionId,
          csrfToken: parts.csrfToken(sessionId),
          level,
        },
      }
    },
  })
}

function listRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'GET',
    path: `${parts.path}/sessions`,
    summary: 'Your live sessions, newest first',
    policy: { kind: 'signed-in' },
    responses: { 200: { description: 'Sessions', schema: sessionList } },
    handle: async ({ auth }) => {
      const rows = auth ? await parts.sessions.list(auth.userId) : []
      const sessions = rows.map((row) => describeSession(row, auth?.sessionId))
      return { status: 200, json: { sessions } }
    },
  })
}

function endRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${parts.path}/sessions/{id}`,
    summary: 'End one of your sessions',
    policy: { kind: 'signed-in' },
    params: idParams,
    responses: { 204: { description: 'Ended' } },
    problems: ['session_not_found'],
    handle: async ({ auth, exchange, params }) => {
      const ended = auth && (await parts.sessions.endOwn(params.id, auth, byOwner(auth, exchange)))
      if (!ended) throw sessionErrors.session_not_found()
      return { status: 204 }
    },
  })
}

function endOthersRoute(parts: SessionRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${parts.path}/sessions`,
    summary:
      'End all your sessions but this one, sign-ins that have begun and the trust in browsers',
    policy: { kind: 'signed-in' },
    responses: { 200: { description: 'How many were ended', schema: sessionsEnded } },
    handle: async ({ auth, exchange }) => {
      if (!auth) throw sessionErrors.session_not_found()
      const ended = await parts.sessions.endOthers(auth, byOwner(auth, exchange))
      return { status: 200, json: { ended } }
    },
  })
}

function byOwner(auth: Auth, exchange: Exchange) {
  return {
    reason: 'ended_by_owner',
    actor: { kind: 'user', id: auth.userId },
    origin: originOf(exchange),
  } as const
}

export function describeSession(row: SessionRow, currentId: string | undefined) {
  return {
    id: row.id,
    current: row.id === currentId,
    transport: row.transport,
    createdAt: row.created_at,
    authTime: row.auth_time,
    lastActivityAt: row.last_activity_at,
    expiresAt: row.absolute_at,
    ip: row.ip,
    userAgent: row.user_agent,
    factors: json.decode<string[]>(row.factors),
    level: row.level,
  }
}
