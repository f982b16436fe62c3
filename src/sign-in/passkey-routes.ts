import { signedIn } from '../contract.ts'
import { ceremony, passkeySignInBody } from '../contract-factors.ts'
import { isTokenShaped } from '../crypto/index.ts'
import { type Route, route } from '../http/index.ts'
import { browserOf, refuseBrowser } from '../sessions/index.ts'
import { realmOf } from '../users/index.ts'
import { askingOf, ownAnswer, signedInAnswer } from './answers.ts'
import { signInErrors } from './errors.ts'
import type { SignInRouteParts } from './route-parts.ts'

/** As long as the longest of what the cookie may be bound to: it may be that of a flow under way. */
const cookieSeconds = 900

/** Routes of a sign-in with a passkey alone. */
export function passkeySignInRoutes(parts: SignInRouteParts): readonly Route[] {
  return [optionsRoute(parts), signInRoute(parts)]
}

function optionsRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/passkey/options`,
    summary: 'What a passkey has to sign to sign in, whosever it is',
    policy: { kind: 'public' },
    responses: {
      200: { description: 'Options for navigator.credentials.get', schema: ceremony },
    },
    handle: async ({ exchange }) => {
      const { browser, options } = await signIn.passkeyOptions({
        browser: browserOf(exchange, cookies),
        realm: realmOf(exchange),
      })
      const bound = isTokenShaped(browser) ? [cookies.flowCookie(browser, cookieSeconds)] : []
      return { ...ownAnswer({ options }), cookies: bound }
    },
  })
}

function signInRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/passkey`,
    summary: 'Sign in with a passkey',
    policy: { kind: 'public' },
    body: passkeySignInBody,
    responses: { 200: { description: 'Signed in', schema: signedIn } },
    problems: ['invalid_credentials', 'transport_not_for_browsers'],
    handle: async ({ body, exchange }) => {
      if (body.transport === 'body') refuseBrowser(exchange)
      const result = await signIn.withPasskey({
        ...{ response: body.response, transport: body.transport },
        browser: browserOf(exchange, cookies),
        ...askingOf(exchange, cookies),
      })
      if (result.status === 'denied') throw signInErrors.invalid_credentials()
      return signedInAnswer(result, cookies)
    },
  })
}
