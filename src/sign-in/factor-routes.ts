import type { z } from 'zod'
import { signedIn } from '../contract.ts'
import { ceremony, flowBody, loginMfaBody } from '../contract-factors.ts'
import { type Route, route } from '../http/index.ts'
import { askingOf, flowOf, ownAnswer, signedInAnswer } from './answers.ts'
import type { SecondProof } from './requests.ts'
import type { SignInRouteParts } from './route-parts.ts'
import { secondStepError } from './second-factor.ts'

/** Routes of the second step of a sign-in. */
export function factorRoutes(parts: SignInRouteParts): readonly Route[] {
  return [proofRoute(parts), optionsRoute(parts)]
}

function proofRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/mfa`,
    summary: 'Finish a sign-in with a second factor',
    policy: { kind: 'public' },
    body: loginMfaBody,
    responses: { 200: { description: 'Signed in', schema: signedIn } },
    problems: ['factor_rejected', 'flow_invalid'],
    handle: async ({ body, exchange }) => {
      const result = await signIn.withFactor({
        ...{ proof: proofIn(body), trustDevice: body.trustDevice },
        ...flowOf(exchange, cookies, body.flow),
        ...askingOf(exchange, cookies),
      })
      if (result.status !== 'signed_in') throw secondStepError(result)
      return signedInAnswer(result, cookies)
    },
  })
}

function optionsRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/mfa/options`,
    summary: 'What a passkey has to sign as the second factor of a sign-in',
    policy: { kind: 'public' },
    body: flowBody,
    responses: {
      200: { description: 'Options for navigator.credentials.get', schema: ceremony },
    },
    problems: ['factor_rejected', 'flow_invalid'],
    handle: async ({ body, exchange }) => {
      const result = await signIn.factorOptions(flowOf(exchange, cookies, body.flow))
      if (result.status !== 'options') throw secondStepError(result)
      return ownAnswer({ options: result.options })
    },
  })
}

/** What is missing is a wrong proof like any other: counted, and told by nothing. */
function proofIn({ code = '', method, response = {} }: z.output<typeof loginMfaBody>): SecondProof {
  return method === 'passkey' ? { method, response } : { method, code }
}
