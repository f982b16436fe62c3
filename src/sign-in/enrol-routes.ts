import {
  ceremony,
  enrolledAndSignedIn,
  enrolPasskeyBody,
  enrolSetupBody,
  enrolTotpBody,
  flowBody,
  totpSetup,
} from '../contract-factors.ts'
import { enrolmentErrors } from '../enrolment/index.ts'
import { type Answer, type Route, route } from '../http/index.ts'
import type { SessionCookies } from '../sessions/index.ts'
import { askingOf, flowOf, ownAnswer, signedInAnswer } from './answers.ts'
import type { EnrolmentResult } from './result.ts'
import type { SignInRouteParts } from './route-parts.ts'
import { secondStepError } from './second-factor.ts'

const problems = ['factor_rejected', 'flow_invalid']
const enrolled = {
  200: { description: 'Enrolled and signed in', schema: enrolledAndSignedIn },
}

/** Routes of a sign-in that demands a second factor of somebody who has none. */
export function enrolmentFlowRoutes(parts: SignInRouteParts): readonly Route[] {
  return [
    totpSetupRoute(parts),
    totpEnableRoute(parts),
    passkeyOptionsRoute(parts),
    passkeyRoute(parts),
  ]
}

function totpSetupRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/enrol/totp/setup`,
    summary: 'A secret for an authenticator app, in a sign-in that demands one',
    policy: { kind: 'public' },
    body: enrolSetupBody,
    responses: { 200: { description: 'Shown while it waits', schema: totpSetup } },
    problems: ['flow_invalid', 'totp_not_started'],
    handle: async ({ body, exchange }) => {
      const { again, flow } = body
      const result = await signIn.enrolTotpSetup({ ...flowOf(exchange, cookies, flow), again })
      if (result.status === 'totp_not_started') throw enrolmentErrors.totp_not_started()
      if (result.status !== 'setup') throw secondStepError(result)
      return ownAnswer(result.setup)
    },
  })
}

function totpEnableRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/enrol/totp/enable`,
    summary: 'Enable the authenticator app by its first code, and sign in',
    policy: { kind: 'public' },
    body: enrolTotpBody,
    responses: enrolled,
    problems,
    handle: async ({ body, exchange }) => {
      const flow = flowOf(exchange, cookies, body.flow)
      const result = await signIn.enrolTotp({ ...body, ...flow, ...askingOf(exchange, cookies) })
      return enrolledAnswer(result, cookies)
    },
  })
}

function passkeyOptionsRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/enrol/passkey/options`,
    summary: 'What a new passkey is made with, in a sign-in that demands one',
    policy: { kind: 'public' },
    body: flowBody,
    responses: {
      200: { description: 'Options for navigator.credentials.create', schema: ceremony },
    },
    problems: ['flow_invalid'],
    handle: async ({ body, exchange }) => {
      const result = await signIn.enrolPasskeyOptions(flowOf(exchange, cookies, body.flow))
      if (result.status !== 'options') throw secondStepError(result)
      return ownAnswer({ options: result.options })
    },
  })
}

function passkeyRoute({ cookies, path, signIn }: SignInRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/login/enrol/passkey`,
    summary: 'Register the passkey, and sign in',
    policy: { kind: 'public' },
    body: enrolPasskeyBody,
    responses: enrolled,
    problems,
    handle: async ({ body, exchange }) => {
      const flow = flowOf(exchange, cookies, body.flow)
      const result = await signIn.enrolPasskey({ ...body, ...flow, ...askingOf(exchange, cookies) })
      return enrolledAnswer(result, cookies)
    },
  })
}

function enrolledAnswer(result: EnrolmentResult, cookies: SessionCookies): Answer {
  if (result.status !== 'signed_in') throw secondStepError(result)
  const { recoveryCodes } = result
  return signedInAnswer(result, cookies, recoveryCodes)
}
