import { loginAnswer, loginBody } from '../contract.ts'
import { factorErrors } from '../factors/index.ts'
import { type Answer, type Route, route } from '../http/index.ts'
import { refuseBrowser, type SessionCookies } from '../sessions/index.ts'
import { askingOf, mfaRequiredAnswer, ownAnswer, signedInAnswer } from './answers.ts'
import { enrolmentFlowRoutes } from './enrol-routes.ts'
import { signInErrors } from './errors.ts'
import { factorRoutes } from './factor-routes.ts'
import { passkeySignInRoutes } from './passkey-routes.ts'
import type { SignInResult } from './result.ts'
import type { SignInRouteParts } from './route-parts.ts'

interface Names {
  readonly identifier?: string | undefined
  readonly email?: string | undefined
  readonly username?: string | undefined
}

/** Routes of every door: password, second factor, passkey, and enrolment where one is demanded. */
export function signInRoutes(parts: SignInRouteParts): readonly Route[] {
  return [
    passwordRoute(parts),
    ...factorRoutes(parts),
    ...passkeySignInRoutes(parts),
    ...enrolmentFlowRoutes(parts),
  ]
}

function passwordRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login`,
    summary: 'Sign in with e-mail address or username and password',
    policy: { kind: 'public' },
    body: loginBody,
    responses: { 200: { description: 'How far the sign-in got', schema: loginAnswer } },
    problems: [
      ...['invalid_credentials', 'identifier_required', 'transport_not_for_browsers'],
      'factor_rejected',
    ],
    handle: async ({ body, exchange }) => {
      if (body.transport === 'body') refuseBrowser(exchange)
      const result = await signIn.withPassword({
        identifier: nameOf(body),
        password: body.password,
        mfaCode: body.mfaCode,
        captcha: body.captcha,
        transport: body.transport,
        ...askingOf(exchange, cookies),
      })
      return answerOf(result, cookies)
    },
  })
}

function nameOf(names: Names): string {
  const given = [names.identifier, names.email, names.username].filter((name) => name !== undefined)
  const [only] = given
  if (only === undefined || given.length > 1) throw signInErrors.identifier_required()
  return only
}

function answerOf(result: SignInResult, cookies: SessionCookies): Answer {
  if (result.status === 'denied') throw signInErrors.invalid_credentials()
  if (result.status === 'factor_rejected') throw factorErrors.factor_rejected()
  if (result.status === 'signed_in') return signedInAnswer(result, cookies)
  if (result.status === 'mfa_required') return mfaRequiredAnswer(result, cookies)
  return ownAnswer(result)
}
