import type { Answer, Auth } from '../http/index.ts'
import type { Random } from '../ports/index.ts'
import type { SessionCookies } from '../sessions/index.ts'
import type { Enrolment } from './enrolment.ts'
import type { FactorChanged } from './requests.ts'

export interface EnrolmentRouteParts {
  readonly enrolment: Enrolment
  readonly cookies: SessionCookies
  readonly random: Random
  /** First segment, for example `/auth`. */
  readonly path: string
}

/** Answers that hold a secret are kept nowhere. */
export const secretAnswer = { 'cache-control': 'no-store' } as const

/**
 * The answer to a change: the session's new secret travels in the cookie of a browser and in the body of
 * a native client, and whoever sends access tokens gets one that says what the session has proven.
 */
export function answerChange(
  cookies: SessionCookies,
  { accessToken, expiresIn, secret }: FactorChanged,
  json: Readonly<Record<string, unknown>>,
): Answer {
  const { refreshToken, transport } = secret
  const token = accessToken === undefined ? {} : { accessToken, expiresIn }
  const inBody = transport === 'body' && refreshToken !== undefined ? { refreshToken } : {}
  return {
    status: 200,
    headers: secretAnswer,
    cookies: cookies.renew(transport, secret),
    json: { ...json, ...token, ...inBody },
  }
}

export function caller(auth: Auth | undefined): Auth {
  if (auth) return auth
  throw new Error('the policy of this route admits nobody without a session')
}
