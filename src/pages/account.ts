import { z } from 'zod'
import { currentDevice, deviceErrors } from '../devices/index.ts'
import { type Route, route } from '../http/index.ts'
import { sessionErrors, signOut } from '../sessions/index.ts'
import { matchesCsrfField } from '../shield/index.ts'
import { findUserById, profileOf } from '../users/index.ts'
import { renderAccount } from './account-view.ts'
import { byOwner, callerOf, endBegun, goneSession } from './caller.ts'
import { pageAnswer, seeOther } from './layout.ts'
import { noticeQuery, noticeText, withNotice } from './notice.ts'
import { type AccountPageParts, frameOf } from './parts.ts'

const bareForm = z.strictObject({ _csrf: z.string().optional() }).default({})
const reason = 'ended_by_owner'
const idForm = z.strictObject({ id: z.string().default(''), _csrf: z.string().optional() })

/** A person's own account: who she is here, where she is signed in, and the way out. */
export function accountRoutes(parts: AccountPageParts): readonly Route[] {
  return [overview(parts), endOne(parts), endOthers(parts), forgetDevice(parts), leave(parts)]
}

function overview(parts: AccountPageParts): Route {
  return route({
    method: 'GET',
    path: parts.path,
    kind: 'page',
    summary: 'Page: your account',
    policy: { kind: 'signed-in' },
    query: noticeQuery,
    responses: { 200: { description: 'Profile and sessions' } },
    handle: async ({ exchange, query, ...call }) => {
      const auth = callerOf(call)
      const row = await findUserById(parts.database.reader, auth.userId)
      if (!row) throw goneSession()
      const frame = frameOf(parts, exchange)
      const tokens = parts.cookies.devices(exchange)
      const devices = await parts.devices.list(auth.userId)
      const content = renderAccount(frame, {
        ...{ path: parts.path, now: parts.clock.now(), currentId: auth.sessionId },
        profile: { ...profileOf(row), roles: auth.roles },
        sessions: await parts.sessions.list(auth.userId),
        devices,
        factors: await parts.enrolment.overview(auth),
        currentDeviceId: currentDevice(devices, { tokens, userAgent: undefined })?.id,
      })
      const notice = noticeText(frame, query)
      return pageAnswer(frame, { title: frame.texts.account.title, content, notice, wide: true })
    },
  })
}

function endOne(parts: AccountPageParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/sessions/end`,
    kind: 'page',
    summary: 'Page: end one of your sessions',
    policy: { kind: 'signed-in' },
    body: idForm,
    responses: { 303: { description: 'Ended' } },
    problems: ['session_not_found'],
    handle: async ({ body, ...call }) => {
      const by = { ...byOwner(call), reason }
      const ended = await parts.sessions.endOwn(body.id, callerOf(call), by)
      if (!ended) throw sessionErrors.session_not_found()
      return seeOther(withNotice(parts.path, 'session-ended'))
    },
  })
}

function endOthers(parts: AccountPageParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/sessions/end-others`,
    kind: 'page',
    summary: 'Page: end all your sessions but this one, and the trust in browsers',
    policy: { kind: 'signed-in' },
    body: bareForm,
    responses: { 303: { description: 'Ended' } },
    handle: async (call) => {
      await parts.sessions.endOthers(callerOf(call), { ...byOwner(call), reason })
      return seeOther(withNotice(parts.path, 'others-ended'))
    },
  })
}

function forgetDevice(parts: AccountPageParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/devices/forget`,
    kind: 'page',
    summary: 'Page: forget one of your devices',
    policy: { kind: 'signed-in' },
    body: idForm,
    responses: { 303: { description: 'Forgotten' } },
    problems: ['device_not_found'],
    handle: async ({ body, ...call }) => {
      const auth = callerOf(call)
      const forgotten = await parts.database.transaction(async (trx) => {
        await parts.sessions.claim(trx, auth)
        return parts.devices.forget(trx, auth.userId, body.id, byOwner(call))
      })
      if (!forgotten) throw deviceErrors.device_not_found()
      return seeOther(withNotice(parts.path, 'device-forgotten'))
    },
  })
}

/** Open to everyone, so that somebody whose session has ended already still gets out. */
function leave(parts: AccountPageParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/sign-out`,
    kind: 'page',
    summary: 'Page: sign out',
    policy: { kind: 'public' },
    body: bareForm,
    responses: { 303: { description: 'Signed out' } },
    problems: ['csrf_refused'],
    handle: async ({ auth, body, exchange }) => {
      const judge = (sessionId: string) =>
        matchesCsrfField(body, parts.csrfToken(sessionId))
          ? undefined
          : parts.checkCookieRequest(exchange, sessionId)
      await signOut(parts, { auth, exchange, judge })
      await endBegun(parts, exchange)
      return seeOther(withNotice(`${parts.path}/sign-in`, 'signed-out'), parts.cookies.clear())
    },
  })
}
