import type { z } from 'zod'
import {
  accepted,
  accountExport,
  changeEmailBody,
  changePasswordBody,
  done,
  forgotBody,
  passwordChanged,
  reproofBody,
  resetBody,
  steppedUp,
  tokenBody,
} from '../contract.ts'
import { ceremony, stepUpBody } from '../contract-factors.ts'
import { newToken } from '../crypto/index.ts'
import { type Auth, type Call, clientKeyOf, originOf, type Route, route } from '../http/index.ts'
import type { Random } from '../ports/index.ts'
import { browserOf, type RenewedSecret, type SessionCookies } from '../sessions/index.ts'
import { askerOf, realmOf } from '../users/index.ts'
import type { Recovery } from './recovery.ts'
import type { LinkRequest } from './requests.ts'

export interface RecoveryRouteParts {
  readonly recovery: Recovery
  readonly cookies: SessionCookies
  readonly random: Random
  /** First segment, for example `/auth`. */
  readonly path: string
}

const isPublic = { kind: 'public' } as const
const signedIn = { kind: 'signed-in' } as const
const belowLevel = { kind: 'signed-in', anyLevel: true } as const
const acceptedAnswer = { status: 202, json: { status: 'accepted' } } as const
const doneAnswer = { status: 200, json: { status: 'done' } } as const
const mailMayCome = { 202: { description: 'A mail may be on its way', schema: accepted } }
const isDone = { 200: { description: 'Done', schema: done } }
/** As long as a challenge lasts. */
const flowSeconds = 5 * 60
const secretAnswer = { 'cache-control': 'no-store' }

/** Ways back into an account, and what its owner changes. */
export function recoveryRoutes(parts: RecoveryRouteParts): readonly Route[] {
  return [
    forgotRoute(parts),
    resetRoute(parts),
    changePasswordRoute(parts),
    changeEmailRoute(parts),
    ...linkRoutes(parts),
    closeRoute(parts),
    exportRoute(parts),
    stepUpRoute(parts),
    stepUpOptionsRoute(parts),
  ]
}

function forgotRoute({ path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/password/forgot`,
    summary: 'Mail a link for a new password; the answer is the same for every address',
    policy: isPublic,
    body: forgotBody,
    responses: mailMayCome,
    problems: ['email_invalid', 'email_unsupported'],
    handle: async ({ body, exchange }) => {
      await recovery.forgot(body.email, originOf(exchange), askerOf(exchange))
      return acceptedAnswer
    },
  })
}

function resetRoute({ cookies, path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/password/reset`,
    summary: 'Set a password with the link that was mailed; every session ends',
    policy: isPublic,
    body: resetBody,
    responses: isDone,
    problems: ['link_invalid', 'weak_password'],
    handle: async ({ body, exchange }) => {
      const device = await recovery.reset({
        ...{ ...body, ...askerOf(exchange) },
        origin: originOf(exchange),
      })
      const known = [device, ...cookies.devices(exchange)]
      return { ...doneAnswer, cookies: [cookies.deviceCookie(known)] }
    },
  })
}

function changePasswordRoute({ cookies, path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/password/change`,
    summary: 'Replace your password; your other sessions end, this one gets a new secret',
    policy: signedIn,
    body: changePasswordBody,
    responses: { 200: { description: 'Done', schema: passwordChanged } },
    problems: [
      ...['password_wrong', 'weak_password', 'password_unchanged', 'account_changed'],
      'step_up_required',
    ],
    handle: async ({ auth, body, exchange }) => {
      const who = ownerOf(cookies, { auth, exchange })
      const secret = await recovery.changePassword({ ...body, ...who })
      return {
        status: 200,
        headers: secretAnswer,
        cookies: cookies.renew(secret.transport, secret),
        json: { status: 'done', ...inBody(secret) },
      }
    },
  })
}

function changeEmailRoute({ cookies, path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/email/change`,
    summary: 'Ask for another address; it takes effect once the new one has confirmed',
    policy: signedIn,
    body: changeEmailBody,
    responses: mailMayCome,
    problems: [
      ...['password_wrong', 'email_invalid', 'email_unsupported', 'email_unchanged'],
      ...['account_changed', 'step_up_required'],
    ],
    handle: async ({ auth, body, exchange }) => {
      const who = ownerOf(cookies, { auth, exchange })
      await recovery.changeEmail({ ...body, ...who, clientKey: clientKeyOf(exchange) })
      return acceptedAnswer
    },
  })
}

/** What somebody does who has nothing but a link. */
function linkRoutes({ path, recovery }: RecoveryRouteParts): readonly Route[] {
  const linkRoute = (
    at: string,
    summary: string,
    use: (request: LinkRequest) => Promise<void>,
  ): Route =>
    route({
      ...{ method: 'POST', path: `${path}${at}`, summary, policy: isPublic },
      body: tokenBody,
      responses: isDone,
      problems: ['link_invalid'],
      handle: async ({ body, exchange }) => {
        const realm = realmOf(exchange)
        await use({ token: body.token, realm, origin: originOf(exchange) })
        return doneAnswer
      },
    })
  return [
    linkRoute('/email/confirm', 'Confirm a new address with the link that was mailed', (request) =>
      recovery.confirmEmail(request),
    ),
    linkRoute('/email/undo', 'Put the address before back and lock the account', (request) =>
      recovery.undoEmail(request),
    ),
    linkRoute('/report', 'Say "this was not me": every session ends, the account is locked', (r) =>
      recovery.report(r),
    ),
  ]
}

function closeRoute({ cookies, path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/account/close`,
    summary: 'Close your account; it is erased some time later',
    policy: signedIn,
    body: reproofBody,
    responses: isDone,
    problems: ['password_wrong', 'last_super_admin', 'account_changed', 'step_up_required'],
    handle: async ({ auth, body, exchange }) => {
      await recovery.close({ ...body, ...ownerOf(cookies, { auth, exchange }) })
      return { ...doneAnswer, cookies: cookies.clear() }
    },
  })
}

function exportRoute({ path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'GET',
    path: `${path}/account/export`,
    summary: 'Everything that is kept of your account, as a file',
    policy: signedIn,
    stepUp: true,
    responses: { 200: { description: 'Your data', schema: accountExport } },
    handle: async ({ auth, exchange }) => ({
      status: 200,
      headers: { ...secretAnswer, 'content-disposition': 'attachment; filename="account.json"' },
      json: await recovery.exportData({ auth: caller(auth), origin: originOf(exchange) }),
    }),
  })
}

function stepUpRoute({ cookies, path, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/step-up`,
    summary: 'Prove again who you are, for routes that ask for a recent or a stronger proof',
    policy: belowLevel,
    body: stepUpBody,
    responses: { 200: { description: 'Proven', schema: steppedUp } },
    problems: ['password_wrong', 'factor_rejected', 'account_changed', 'step_up_required'],
    handle: async ({ auth, body, exchange }) => {
      const browser = browserOf(exchange, cookies)
      const whose = { ...ownerOf(cookies, { auth, exchange }), browser }
      const raised = await recovery.stepUp({ ...whose, ...proofIn(body) })
      const { accessToken, authTime, expiresIn, level, secret } = raised
      const token = accessToken === undefined ? {} : { accessToken, expiresIn }
      return {
        status: 200,
        headers: secretAnswer,
        cookies: cookies.renew(secret.transport, secret),
        json: { status: 'stepped_up', authTime, level, ...token, ...inBody(secret) },
      }
    },
  })
}

/** The one proof that the schema has let through. */
function proofIn(body: z.output<typeof stepUpBody>) {
  const { code = '', currentPassword = '', method, response = {} } = body
  if (method === 'password') return { currentPassword }
  return method === 'passkey' ? { method, response } : { method, code }
}

/** The challenge is bound to the browser, by a cookie that lasts as long. */
function stepUpOptionsRoute({ cookies, path, random, recovery }: RecoveryRouteParts): Route {
  return route({
    method: 'POST',
    path: `${path}/step-up/options`,
    summary: 'What one of your passkeys has to sign for a step-up',
    policy: belowLevel,
    responses: { 200: { description: 'For navigator.credentials.get', schema: ceremony } },
    problems: ['factor_rejected'],
    handle: async ({ auth, exchange }) => {
      const bound = browserOf(exchange, cookies)
      const browser = bound ?? newToken(random)
      const isNative = bound !== undefined && bound !== cookies.flow(exchange)
      const json = await recovery.stepUpOptions({ auth: caller(auth), browser })
      return {
        status: 200,
        headers: secretAnswer,
        cookies: isNative ? [] : [cookies.flowCookie(browser, flowSeconds)],
        json,
      }
    },
  })
}

/** Native clients keep their refresh token themselves; a browser's stays in its cookie. */
function inBody({ refreshToken, transport }: RenewedSecret) {
  return transport === 'body' && refreshToken !== undefined ? { refreshToken } : {}
}

/** Who asks for a change of their own account, from where, and with which devices. */
function ownerOf(cookies: SessionCookies, { auth, exchange }: Pick<Call, 'auth' | 'exchange'>) {
  const devices = cookies.devices(exchange)
  return { auth: caller(auth), origin: originOf(exchange), devices }
}

function caller(auth: Auth | undefined): Auth {
  if (auth) return auth
  throw new Error('the policy of this route admits nobody without a session')
}
