import { idParams } from '../contract.ts'
import {
  ceremony,
  factorRemoved,
  passkey,
  passkeyList,
  passkeyNameBody,
  passkeyRegistered,
  registerPasskeyBody,
} from '../contract-factors.ts'
import { newToken } from '../crypto/index.ts'
import { type Exchange, originOf, type Route, route } from '../http/index.ts'
import { browserOf } from '../sessions/index.ts'
import { answerChange, caller, type EnrolmentRouteParts, secretAnswer } from './answers.ts'
import { enrolmentErrors } from './errors.ts'

const signedIn = { kind: 'signed-in' } as const
/** Whoever is below the level that policy demands gets there by these. */
const belowLevel = { kind: 'signed-in', anyLevel: true } as const
/** As long as a challenge may be answered, and some more. */
const browserSeconds = 600

/** Passkeys of the caller. */
export function passkeyRoutes(parts: EnrolmentRouteParts): readonly Route[] {
  return [
    listRoute(parts),
    optionsRoute(parts),
    registerRoute(parts),
    renameRoute(parts),
    removeRoute(parts),
  ]
}

function listRoute({ enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/passkeys`,
    summary: 'Your passkeys',
    policy: signedIn,
    responses: { 200: { description: 'Passkeys', schema: passkeyList } },
    handle: async ({ auth }) => {
      const { passkeys } = await enrolment.overview(caller(auth))
      return { status: 200, json: { passkeys } }
    },
  })
}

function optionsRoute(parts: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/passkeys/options`,
    summary: 'Options for navigator.credentials.create; the challenge works once, in this browser',
    policy: belowLevel,
    stepUp: true,
    responses: { 200: { description: 'Options', schema: ceremony } },
    problems: ['too_many_passkeys'],
    handle: async ({ auth, exchange }) => {
      const { browser, cookies } = boundBrowser(parts, exchange)
      const json = await parts.enrolment.passkeyOptions({ auth: caller(auth), browser })
      return { status: 200, headers: secretAnswer, cookies, json }
    },
  })
}

/** What the challenge is bound to: the browser's token of before, or a new one in its cookie. */
function boundBrowser({ cookies, random }: EnrolmentRouteParts, exchange: Exchange) {
  const known = browserOf(exchange, cookies)
  if (known !== undefined && cookies.flow(exchange) === undefined) {
    return { browser: known, cookies: [] }
  }
  const browser = known ?? newToken(random)
  return { browser, cookies: [cookies.flowCookie(browser, browserSeconds)] }
}

function registerRoute({ cookies, enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/passkeys`,
    summary: 'Add a passkey by what navigator.credentials.create gave; your other sessions end',
    policy: belowLevel,
    stepUp: true,
    body: registerPasskeyBody,
    responses: { 201: { description: 'The passkey', schema: passkeyRegistered } },
    problems: ['passkey_rejected', 'passkey_known', 'too_many_passkeys', 'account_changed'],
    handle: async ({ auth, body, exchange }) => {
      const browser = browserOf(exchange, cookies)
      if (browser === undefined) throw enrolmentErrors.passkey_rejected()
      const who = { auth: caller(auth), origin: originOf(exchange) }
      const added = await enrolment.addPasskey({ ...who, ...body, browser })
      const { accessToken, expiresIn, secret, ...json } = added
      const changed = { accessToken, expiresIn, secret }
      return { ...answerChange(cookies, changed, json), status: 201 }
    },
  })
}

function renameRoute({ enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'PATCH',
    path: `${path}/passkeys/{id}`,
    summary: 'Name a passkey',
    policy: signedIn,
    stepUp: true,
    params: idParams,
    body: passkeyNameBody,
    responses: { 200: { description: 'The passkey now', schema: passkey } },
    problems: ['passkey_not_found'],
    handle: async ({ auth, body, exchange, params }) => {
      const about = { auth: caller(auth), origin: originOf(exchange), id: params.id }
      return { status: 200, json: await enrolment.renamePasskey({ ...about, name: body.name }) }
    },
  })
}

function removeRoute({ cookies, enrolment, path }: EnrolmentRouteParts): Route {
  return route({
    method: 'DELETE',
    path: `${path}/passkeys/{id}`,
    summary: 'Take a passkey away; your other sessions end',
    policy: signedIn,
    stepUp: true,
    params: idParams,
    responses: { 200: { description: 'Away', schema: factorRemoved } },
    problems: ['passkey_not_found', 'factor_required', 'account_changed'],
    handle: async ({ auth, exchange, params }) => {
      const request = { auth: caller(auth), origin: originOf(exchange), id: params.id }
      return answerChange(cookies, await enrolment.removePasskey(request), { status: 'done' })
    },
  })
}
