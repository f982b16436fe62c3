import { z } from 'zod'
import { type Answer, type Exchange, type Route, route } from '../http/index.ts'
import type { EnrolmentResult } from '../sign-in/index.ts'
import { appCodeFaults, renderAppAgain, renderAppSetup } from './app-setup.ts'
import { askingOf, endBegun, flowOf, signedIn } from './caller.ts'
import { passkeyRefused } from './code-form.ts'
import { codesPage } from './codes-page.ts'
import { renderFaults, renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { localPath, nextQuery, withNext } from './next.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import {
  browserName,
  credentialField,
  readCredential,
  renderPasskeyForm,
  renderPasskeyScript,
} from './passkey-form.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { flowEnded, type OpenStep, renderRestart, resume } from './second-step.ts'
import { fill } from './texts.ts'

/** Where somebody stands whose password was right and who has to set up a second factor first. */
export interface EnrolStep {
  readonly flow: string
  readonly next: string
  readonly refusal?: Refusal
}

const step = {
  flow: z.string().default(''),
  next: z.string().optional(),
  _csrf: z.string().optional(),
}
const stepForm = z.strictObject(step)
const codeForm = z.strictObject({ ...step, code: z.string().default('') })
const passkeyForm = z.strictObject({ ...step, response: credentialField })

/** Setting up a second factor on the way in. There is no session before it works. */
export function enrolStepPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/sign-in/enrol`
  return [
    ...opened(parts, path),
    chooseAgain(parts, path),
    route({
      method: 'POST',
      path: `${path}/app`,
      kind: 'page',
      summary: 'Page: the QR code of an authenticator app, on the way in',
      policy: { kind: 'public' },
      body: stepForm,
      responses: { 200: { description: 'The QR code and the form for the first code' } },
      handle: async ({ body, exchange }) => beginApp(parts, exchange, body),
    }),
    route({
      method: 'POST',
      path: `${path}/app/code`,
      kind: 'page',
      summary: 'Page: the first code of an authenticator app; signs in',
      policy: { kind: 'public' },
      body: codeForm,
      responses: { 200: { description: 'Signed in, with recovery codes' } },
      handle: async ({ body, exchange }) => finishApp(parts, exchange, body),
    }),
    route({
      method: 'POST',
      path: `${path}/passkey`,
      kind: 'page',
      summary: 'Page: a first passkey; signs in',
      policy: { kind: 'public' },
      body: passkeyForm,
      responses: { 200: { description: 'Signed in, with recovery codes' } },
      handle: async ({ body, exchange }) => finishPasskey(parts, exchange, body),
    }),
  ]
}

/**
 * The pages by their addresses: the choice, and the form for the first code, with the secret that this
 * sign-in was given, if it waits. Nothing is begun by them.
 */
function opened(parts: AccountPageParts, path: string): readonly Route[] {
  const pageOf = (end: string, exchange: Exchange, { view, ...at }: OpenStep) => {
    if (!view.enrol) return seeOther(withNext(`${parts.path}/sign-in/code`, at.next))
    if (end === '/passkey') return seeOther(withNext(path, at.next))
    if (end === '') return showChoice(parts, frameOf(parts, exchange), at)
    return showAppAgain(parts, exchange, at)
  }
  return ['', '/app', '/app/code', '/passkey'].map((end) =>
    route({
      ...{ method: 'GET', path: path + end, kind: 'page', policy: { kind: 'public' } },
      summary: 'Page: a step of setting up a second factor, on the way in, in this browser',
      query: nextQuery,
      responses: { 200: { description: 'The form' }, 303: { description: 'To the password' } },
      handle: async ({ exchange, query }) =>
        resume(parts, exchange, query.next, (step) => pageOf(end, exchange, step)),
    }),
  )
}

/** Shows the ways there are; nothing is begun by it. */
function chooseAgain(parts: AccountPageParts, path: string): Route {
  return route({
    method: 'POST',
    path,
    kind: 'page',
    summary: 'Page: choose a second factor to set up, on the way in',
    policy: { kind: 'public' },
    body: stepForm,
    responses: { 200: { description: 'The ways there are' } },
    handle: async ({ body, exchange }) => {
      const at = stepOf(parts, body)
      return ifOpen(parts, exchange, at, () => showChoice(parts, frameOf(parts, exchange), at))
    },
  })
}

/** A page of a flow that still goes on here; else back to the password. Counts nothing. */
async function ifOpen(
  parts: AccountPageParts,
  exchange: Exchange,
  at: EnrolStep,
  show: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const view = await parts.signIn.flowView(flowOf(parts, exchange, at.flow))
  return view?.enrol ? show() : flowEnded(parts, at.next)
}

export function showChoice(parts: AccountPageParts, frame: Frame, at: EnrolStep): Answer {
  const { path } = parts
  const { setUp: words } = frame.texts
  const hidden = { flow: at.flow, next: at.next }
  const content = html`${renderFaults(frame, [], at.refusal?.faults ?? [])}
<p class="intro">${fill(words.demanded, { app: frame.appName })}</p>
<h2>${words.chooseApp}</h2>
<p>${words.chooseAppText}</p>
${renderForm(frame, { action: withNext(`${path}/sign-in/enrol/app`, at.next), button: words.chooseAppAction, fields: [], hidden })}
<h2>${words.choosePasskey}</h2>
<p>${words.choosePasskeyText}</p>
${renderPasskeyForm(frame, {
  ...{ kind: 'create', action: withNext(`${path}/sign-in/enrol/passkey`, at.next), hidden },
  options: `${parts.authPath}/login/enrol/passkey/options`,
  button: words.choosePasskeyAction,
})}
${renderRestart(frame, path, at)}
${renderPasskeyScript(frame)}`
  const page = { title: words.demandedTitle, content, failed: at.refusal !== undefined }
  return pageAnswer(frame, page, at.refusal)
}

async function beginApp(
  parts: AccountPageParts,
  exchange: Exchange,
  form: z.output<typeof stepForm>,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { flow, next } = stepOf(parts, form)
  const given = await parts.signIn.enrolTotpSetup(flowOf(parts, exchange, flow))
  if (given.status !== 'setup') return flowEnded(parts, next)
  const action = withNext(`${parts.path}/sign-in/enrol/app/code`, next)
  const content = html`${renderAppSetup(frame, given.setup, { action, hidden: { flow, next } })}
${renderBack(parts, frame, { flow, next })}`
  return pageAnswer(frame, { title: frame.texts.setUp.appTitle, content })
}

async function finishApp(
  parts: AccountPageParts,
  exchange: Exchange,
  form: z.output<typeof codeForm>,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const at = stepOf(parts, form)
  const again = (refusal: Refusal) =>
    ifOpen(parts, exchange, at, () => showAppAgain(parts, exchange, { ...at, refusal }))
  try {
    const result = await parts.signIn.enrolTotp({
      ...flowOf(parts, exchange, at.flow),
      code: form.code,
      ...askingOf(parts, exchange),
    })
    if (result.status !== 'factor_rejected') return await answerOf(parts, exchange, { result, at })
    return await again({ status: 401, headers: {}, faults: appCodeFaults(frame, form.code) })
  } catch (error) {
    return again(refusalOf(error, ['code'], frame.texts))
  }
}

/** Without the secret where none waits for this sign-in: whoever lost it begins anew. */
async function showAppAgain(
  parts: AccountPageParts,
  exchange: Exchange,
  at: EnrolStep,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { setUp: words } = frame.texts
  const { flow, next, refusal } = at
  const request = { ...flowOf(parts, exchange, flow), again: true }
  const given = await parts.signIn.enrolTotpSetup(request)
  if (given.status === 'flow_invalid') return flowEnded(parts, next)
  const setup = given.status === 'setup' ? given.setup : undefined
  const [action, hidden] = [`${parts.path}/sign-in/enrol/app`, { flow, next }]
  const faults = refusal && { faults: refusal.faults }
  const form = { action: withNext(`${action}/code`, next), hidden, ...faults }
  const content = html`${!refusal && !setup && html`<p>${words.goneCode}</p>`}
${renderAppAgain(frame, setup, form)}
${renderForm(frame, { action: withNext(action, next), button: words.anew, fields: [], hidden, look: 'plain' })}
${renderBack(parts, frame, at)}`
  return pageAnswer(
    frame,
    { title: words.appTitle, content, failed: refusal !== undefined },
    refusal,
  )
}

async function finishPasskey(
  parts: AccountPageParts,
  exchange: Exchange,
  form: z.output<typeof passkeyForm>,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const at = stepOf(parts, form)
  const again = (refusal: Refusal) =>
    ifOpen(parts, exchange, at, () => showChoice(parts, frame, { ...at, refusal }))
  try {
    const result = await parts.signIn.enrolPasskey({
      ...flowOf(parts, exchange, at.flow),
      response: readCredential(form.response),
      name: browserName(frame, exchange),
      ...askingOf(parts, exchange),
    })
    if (result.status !== 'factor_rejected') return await answerOf(parts, exchange, { result, at })
    return await again(passkeyRefused(frame))
  } catch (error) {
    return again(refusalOf(error, [], frame.texts))
  }
}

/** Signed in: first the codes, where there are new ones, then on. */
async function answerOf(
  parts: AccountPageParts,
  exchange: Exchange,
  done: {
    readonly result: Exclude<EnrolmentResult, { readonly status: 'factor_rejected' }>
    readonly at: EnrolStep
  },
): Promise<Answer> {
  const { at, result } = done
  if (result.status === 'flow_invalid') return flowEnded(parts, at.next)
  const { recoveryCodes: codes } = result
  if (codes === undefined) {
    return signedIn(parts, exchange, { secrets: result, next: at.next })
  }
  await endBegun(parts, exchange)
  const page = codesPage(frameOf(parts, exchange), { codes, next: at.next })
  return { ...page, cookies: parts.cookies.set('session', result) }
}

function renderBack({ path }: AccountPageParts, frame: Frame, { flow, next }: EnrolStep) {
  return renderForm(frame, {
    ...{
      action: withNext(`${path}/sign-in/enrol`, next),
      button: frame.texts.setUp.back,
      look: 'plain',
    },
    ...{ fields: [], hidden: { flow, next } },
  })
}

function stepOf(
  { baseUrl, path }: AccountPageParts,
  { flow, next }: z.output<typeof stepForm>,
): EnrolStep {
  return { flow, next: localPath(next, path, baseUrl) }
}
