import { loginAnswer, loginBody } from '../contract.ts'
import { type Answer, clientKeyOf, originOf, type Route, route } from '../http/index.ts'
import { refuseBrowser, type SessionCookies, type Transport } from '../sessions/index.ts'
import { signInErrors } from './errors.ts'
import type { SignedIn, SignInResult } from './result.ts'
import type { SignIn } from './sign-in.ts'

export interface SignInRouteParts {
  readonly signIn: SignIn
  readonly cookies: SessionCookies
  readonly path: string
}

interface Names {
  readonly identifier?: string | undefined
  readonly email?: string | undefined
  readonly username?: string | undefined
}

export function signInRoutes({ cookies, path, signIn }: SignInRouteParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: `${path}/login`,
      summary: 'Sign in with e-mail address or username and password',
      policy: { kind: 'public' },
      body: loginBody,
      responses: { 200: { description: 'How far the sign-in got', schema: loginAnswer } },
      problems: ['invalid_credentials', 'identifier_required', 'transport_not_for_browsers'],
      handle: async ({ body, exchange }) => {
        if (body.transport === 'body') refuseBrowser(exchange)
        const result = await signIn.withPassword({
          identifier: nameOf(body),
          password: body.password,
          captcha: body.captcha,
          transport: body.transport,
          devices: cookies.devices(exchange),
          clientKey: clientKeyOf(exchange),
          origin: originOf(exchange),
        })
        return answerOf(result, body.transport, cookies)
      },
    }),
  ]
}

function nameOf(names: Names): string {
  const given = [names.identifier, names.email, names.username].filter((name) => name !== undefined)
  const [only] = given
  if (only === undefined || given.length > 1) throw signInErrors.identifier_required()
  return only
}

function answerOf(result: SignInResult, transport: Transport, cookies: SessionCookies): Answer {
  if (result.status === 'denied' || result.status === 'factor_rejected') {
    throw signInErrors.invalid_credentials()
  }
  const headers = { 'cache-control': 'no-store' }
  if (result.status !== 'signed_in') return { status: 200, headers, json: result }
  return {
    status: 200,
    headers,
    cookies: cookies.set(transport, result),
    json: publicAnswer(result, transport),
  }
}

/** The body of an answer: of the secrets only what this transport hands to scripts. */
function publicAnswer(result: SignedIn, transport: Transport) {
  const { accessToken, csrfToken, expiresIn, refreshToken, sessionId, status, user } = result
  return {
    status,
    user,
    sessionId,
    csrfToken,
    ...(accessToken === undefined ? {} : { tokenType: 'Bearer', accessToken, expiresIn }),
    ...(transport === 'body' ? { refreshToken } : {}),
  }
}
