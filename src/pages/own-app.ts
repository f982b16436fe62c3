import { z } from 'zod'
import type { FactorOverview } from '../enrolment/index.ts'
import { SecurityError } from '../errors/index.ts'
import type { TotpSetup } from '../factors/index.ts'
import { type Answer, type Call, originOf, type Route, route } from '../http/index.ts'
import type { RenewedSecret } from '../sessions/index.ts'
import { appCodeFaults, renderAppAgain, renderAppSetup } from './app-setup.ts'
import { callerOf } from './caller.ts'
import { codesPage } from './codes-page.ts'
import { renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { whatHappens } from './link-pages.ts'
import { nextQuery, withNext } from './next.ts'
import { type Notice, withNotice } from './notice.ts'
import { type Onward, onward, ownForm } from './own-form.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { beginAnew } from './second-step.ts'

const noFields = z.object({})
const codeForm = z.strictObject({ code: z.string().default(''), _csrf: z.string().optional() })

/** The authenticator app and the recovery codes of an account, behind a fresh proof. */
export function ownAppPages(parts: AccountPageParts): readonly Route[] {
  return [...setUp(parts), ...confirm(parts), ...remove(parts), ...newCodes(parts)]
}

/** Shows the way first: the secret is made by the button, for opening a page changes nothing. */
function setUp(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'authenticator',
    summary: 'Page: the QR code of an authenticator app',
    stepUp: true,
    anyLevel: true,
    success: [200, 'The QR code and the form for the first code'],
    schema: noFields,
    title: ({ texts }) => texts.setUp.appTitle,
    intro: ({ frame: { texts }, row }) => html`<p>${texts.setUp.chooseAppText}</p>
${row.totp_since !== null && html`<p>${texts.setUp.replaceNote}</p>`}
<p class="intro">${texts.setUp.effects}</p>`,
    form: ({ frame: { texts } }) => ({ button: texts.setUp.appAction, fields: [] }),
    act: async ({ auth, frame, next }) => {
      const setup = await parts.enrolment.beginTotp({ auth })
      const action = withNext(`${parts.path}/authenticator/code`, next)
      const content = html`${renderAppSetup(frame, setup, { action })}
${renderCancel(parts, frame)}`
      return pageAnswer(frame, { title: frame.texts.setUp.appTitle, content })
    },
  })
}

function confirm(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/authenticator/code`
  return [
    beginAnew(parts, path, '/authenticator'),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: the first code of an authenticator app; your other sessions end',
      policy: { kind: 'signed-in', anyLevel: true },
      stepUp: true,
      query: nextQuery,
      body: codeForm,
      responses: { 200: { description: 'In use, with recovery codes' } },
      handle: async (call) => enable(parts, call),
    }),
  ]
}

async function enable(
  parts: AccountPageParts,
  call: Call<z.output<typeof codeForm>, z.output<typeof nextQuery>>,
): Promise<Answer> {
  const frame = frameOf(parts, call.exchange)
  const { code } = call.body
  const { next } = onward(parts, call)
  const request = { auth: callerOf(call), origin: originOf(call.exchange), code }
  try {
    const { recoveryCodes: codes, secret } = await parts.enrolment.enableTotp(request)
    return changed(parts, frame, { secret, codes, notice: 'app-enabled', next })
  } catch (error) {
    if (codeOf(error) === 'totp_not_started' && (await isSetUp(parts, call))) {
      return showDone(parts, frame)
    }
    const again = { next, refusal: codeRefusal(frame, error, code) }
    return showAgain(parts, frame, { ...again, setup: await waiting(parts, call) })
  }
}

/** The secret that waits, for the session that set it up; nothing where it has ended, whatever ended it. */
async function waiting(
  { enrolment }: AccountPageParts,
  call: Pick<Call, 'auth'>,
): Promise<TotpSetup | undefined> {
  const again = enrolment.beginTotp({ auth: callerOf(call), again: true })
  return again.catch((thrown: unknown) => {
    if (thrown instanceof SecurityError && thrown.status < 500) return undefined
    throw thrown
  })
}

/** A wrong code is explained here: it is most often the clock. */
function codeRefusal(frame: Frame, error: unknown, code: string): Refusal {
  const refusal = refusalOf(error, ['code'], frame.texts)
  return codeOf(error) === 'factor_rejected'
    ? { ...refusal, faults: appCodeFaults(frame, code) }
    : refusal
}

function codeOf(error: unknown): string | undefined {
  return error instanceof SecurityError ? error.code : undefined
}

async function isSetUp({ enrolment }: AccountPageParts, call: Pick<Call, 'auth'>) {
  return (await enrolment.overview(callerOf(call))).totp !== null
}

/** The page of the recovery codes, reloaded: they are not shown again, and nothing is to be set up anew. */
function showDone(parts: AccountPageParts, frame: Frame): Answer {
  const { setUp: words } = frame.texts
  const content = html`<p>${words.done}</p>
<p><a class="button" href="${parts.path}/recovery-codes">${words.doneAction}</a></p>
${renderCancel(parts, frame)}`
  return pageAnswer(frame, { title: words.appTitle, content })
}

function showAgain(
  parts: AccountPageParts,
  frame: Frame,
  {
    next,
    refusal,
    setup,
  }: Onward & { readonly refusal: Refusal; readonly setup: TotpSetup | undefined },
): Answer {
  const { setUp: words } = frame.texts
  const action = `${parts.path}/authenticator`
  const { faults } = refusal
  const content = html`${renderAppAgain(frame, setup, { action: withNext(`${action}/code`, next), faults })}
${renderForm(frame, { action: withNext(action, next), button: words.anew, fields: [], look: 'plain' })}
${renderCancel(parts, frame)}`
  return pageAnswer(frame, { title: words.appTitle, content, failed: true }, refusal)
}

/** What follows a change of a factor: new codes are shown before anything else. */
export function changed(
  parts: AccountPageParts,
  frame: Frame,
  done: {
    readonly secret: RenewedSecret
    readonly codes?: readonly string[] | undefined
    readonly notice?: Notice
    /** Where she was sent here from; else the account says what happened. */
    readonly next?: string | undefined
  },
): Answer {
  const { codes, notice, secret } = done
  const cookies = parts.cookies.renew(secret.transport, secret)
  const account = notice === undefined ? parts.path : withNotice(parts.path, notice)
  const next = done.next ?? account
  return codes ? { ...codesPage(frame, { codes, next }), cookies } : seeOther(next, cookies)
}

function renderCancel({ path }: AccountPageParts, { texts }: Frame) {
  return html`<ul class="links"><li><a href="${path}">${texts.back}</a></li></ul>`
}

function remove(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'authenticator/remove',
    summary: 'Page: take your authenticator app away; your other sessions end',
    stepUp: true,
    success: [303, 'Away'],
    schema: noFields,
    title: ({ texts }) => texts.removeApp.title,
    instead: async ({ auth, frame: { texts } }) => {
      if (!isLastDemanded(await parts.enrolment.overview(auth))) return undefined
      return html`<p>${texts.removeApp.last}</p>
<p><a class="button" href="${parts.path}/authenticator">${texts.removeApp.replace}</a></p>
<p><a href="${parts.path}/passkeys/add">${texts.factors.addPasskey}</a></p>`
    },
    intro: ({ frame: { texts } }) => whatHappens(texts.removeApp.intro, texts.removeApp.effects),
    form: ({ frame: { texts } }) => ({
      ...{ button: texts.removeApp.action, fields: [], look: 'danger' },
    }),
    act: async ({ auth, exchange, frame }) => {
      const { secret } = await parts.enrolment.disableTotp({ auth, origin: originOf(exchange) })
      return changed(parts, frame, { secret, notice: 'app-removed' })
    },
  })
}

/** Whether it is the only second factor of somebody of whom one is demanded now. */
export function isLastDemanded(own: FactorOverview): boolean {
  const count = own.passkeys.length + (own.totp === null ? 0 : 1)
  return own.requiredLevel === 2 && count === 1
}

function newCodes(parts: AccountPageParts): readonly Route[] {
  return ownForm(parts, {
    name: 'recovery-codes',
    summary: 'Page: ten new recovery codes; those of before are dead',
    stepUp: true,
    success: [200, 'The codes, shown once'],
    schema: noFields,
    title: ({ texts }) => texts.codes.newTitle,
    intro: ({ frame: { texts } }) => html`<p class="intro">${texts.codes.newIntro}</p>`,
    form: ({ frame: { texts } }) => ({ button: texts.codes.newAction, fields: [] }),
    act: async ({ auth, exchange, frame }) => {
      const request = { auth, origin: originOf(exchange) }
      const { recoveryCodes: codes, secret } = await parts.enrolment.newRecoveryCodes(request)
      return changed(parts, frame, { secret, codes })
    },
  })
}
