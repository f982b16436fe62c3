import {
  codeBody,
  factorRemoved,
  factorsAnswer,
  recoveryCodes,
  setupBody,
  totpEnabled,
  totpSetup,
} from '../contract-factors.ts'
import { originOf, type Route, route } from '../http/index.ts'
import { answerChange, caller, type EnrolmentRouteParts, secretAnswer } from './answers.ts'
import { passkeyRoutes } from './passkey-routes.ts'

const signedIn = { kind: 'signed-in' } as const
/** Whoever is below the level that policy demands gets there by these. */
const belowLevel = { kind: 'signed-in', anyLevel: true } as const

/** Second factors of the caller: read, add, take away. Every change asks for a fresh proof. */
export function enrolmentRoutes(parts: EnrolmentRouteParts): readonly Route[] {
  const { path } = parts
  return [
    overviewRoute(parts),
    setupRoute(parts, `${path}/mfa/totp/setup`),
    setupRoute(parts, `${path}/mfa/setup`),
    enableRoute(parts, `${path}/mfa/totp/enable`),
    enableRoute(parts, `${path}/mfa/enable`),
    disableRoute(parts),
    codesRoute(parts),
    ...passkeyRoutes(parts),
  ]
}

function overviewRoute({ enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/mfa`,
    summary: 'Your second factors, how many recovery codes are left, and what is asked of you',
    policy: belowLevel,
    responses: { 200: { description: 'Second factors', schema: factorsAnswer } },
    handle: async ({ auth }) => ({ status: 200, json: await enrolment.overview(caller(auth)) }),
  })
}

/** Two addresses, one handler: the short one is an alias. */
function setupRoute({ enrolment }: EnrolmentRouteParts, path: string): Route {
  return route({
    method: 'POST',
    path,
    summary: 'A new secret for an authenticator app; one in use stays in use until its first code',
    policy: belowLevel,
    stepUp: true,
    body: setupBody,
    responses: { 200: { description: 'The secret, shown while it waits', schema: totpSetup } },
    problems: ['totp_not_started'],
    handle: async ({ auth, body }) => ({
      status: 200,
      headers: secretAnswer,
      json: await enrolment.beginTotp({ auth: caller(auth), again: body?.again }),
    }),
  })
}

function enableRoute({ cookies, enrolment }: EnrolmentRouteParts, path: string): Route {
  return route({
    method: 'POST',
    path,
    summary: 'Use the authenticator app from now on, by its first code; your other sessions end',
    policy: belowLevel,
    stepUp: true,
    body: codeBody,
    responses: { 200: { description: 'In use', schema: totpEnabled } },
    problems: ['factor_rejected', 'totp_not_started', 'account_changed'],
    handle: async ({ auth, body, exchange }) => {
      const request = { auth: caller(auth), origin: originOf(exchange), code: body.code }
      const changed = await enrolment.enableTotp(request)
      const { recoveryCodes } = changed
      const codes = recoveryCodes ? { recoveryCodes } : {}
      return answerChange(cookies, changed, { success: true, ...codes })
    },
  })
}

function disableRoute({ cookies, enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/mfa/totp/disable`,
    summary: 'Take the authenticator app away; your other sessions end',
    policy: signedIn,
    stepUp: true,
    responses: { 200: { description: 'Away', schema: factorRemoved } },
    problems: ['totp_not_enabled', 'factor_required', 'account_changed'],
    handle: async ({ auth, exchange }) => {
      const request = { auth: caller(auth), origin: originOf(exchange) }
      return answerChange(cookies, await enrolment.disableTotp(request), { status: 'done' })
    },
  })
}

function codesRoute({ cookies, enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/mfa/recovery-codes`,
    summary: 'Ten new recovery codes; those of before are dead, and your other sessions end',
    policy: signedIn,
    stepUp: true,
    responses: { 200: { description: 'The codes, shown once', schema: recoveryCodes } },
    problems: ['factor_missing', 'account_changed'],
    handle: async ({ auth, exchange }) => {
      const request = { auth: caller(auth), origin: originOf(exchange) }
      const changed = await enrolment.newRecoveryCodes(request)
      return answerChange(cookies, changed, { recoveryCodes: changed.recoveryCodes })
    },
  })
}
