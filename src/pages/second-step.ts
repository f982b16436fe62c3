import { z } from 'zod'
import type { FactorMethod } from '../assurance/index.ts'
import { factorMethod } from '../contract-factors.ts'
import { type Answer, type Exchange, type Route, route } from '../http/index.ts'
import type { FlowView, SecondProof } from '../sign-in/index.ts'
import { renderClock } from './app-setup.ts'
import { askingOf, endBegun, flowOf, signedIn } from './caller.ts'
import { rejectedFaults, renderProofs } from './code-form.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { localPath, nextQuery, withNext } from './next.ts'
import { withNotice } from './notice.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { credentialField, readCredential } from './passkey-form.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { fill, spanText } from './texts.ts'

/** Where a sign-in stands whose password was right. The flow names nobody. */
export interface SecondStep {
  readonly flow: string
  readonly methods: readonly FactorMethod[]
  /** Whether trusting this browser would spare this person anything. */
  readonly mayTrust: boolean
  readonly next: string
  readonly refusal?: Refusal
  /** What was tried last. */
  readonly method?: FactorMethod
  /** How often a code of the app was wrong on this page: what helps, not what is allowed. */
  readonly missed?: 'once' | 'again'
}

/** A sign-in that goes on in this browser. */
export interface OpenStep {
  readonly flow: string
  readonly next: string
  readonly view: FlowView
}

const stepForm = z.strictObject({
  flow: z.string().default(''),
  method: factorMethod.catch('totp'),
  code: z.string().default(''),
  response: credentialField,
  trustDevice: z.string().optional(),
  missed: z.string().optional(),
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const restartForm = z.strictObject({
  flow: z.string().default(''),
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

/** The second step of a sign-in. Its flow stands in the form and in a cookie, never in an address. */
export function secondStepPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/sign-in/code`
  return [
    route({
      ...{ method: 'GET', path, kind: 'page', policy: { kind: 'public' } },
      summary: 'Page: the form of the second step of a sign-in that goes on in this browser',
      query: nextQuery,
      responses: { 200: { description: 'The form' }, 303: { description: 'To the password' } },
      handle: async ({ exchange, query }) =>
        resume(parts, exchange, query.next, ({ flow, next, view }) =>
          view.enrol
            ? seeOther(withNext(`${parts.path}/sign-in/enrol`, next))
            : showSecondStep(parts, frameOf(parts, exchange), { ...view, flow, next }),
        ),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: the second step of a sign-in',
      policy: { kind: 'public' },
      body: stepForm,
      responses: { 303: { description: 'Signed in' }, 401: { description: 'The form again' } },
      handle: async ({ body, exchange }) => finish(parts, exchange, body),
    }),
    restart(parts),
  ]
}

/** The way back to the password: what has begun ends, so that nobody finds it here. */
function restart(parts: AccountPageParts): Route {
  return route({
    method: 'POST',
    path: `${parts.path}/sign-in/restart`,
    kind: 'page',
    summary: 'Page: end a sign-in that has begun and go back to the password',
    policy: { kind: 'public' },
    body: restartForm,
    responses: { 303: { description: 'To the password' } },
    handle: async ({ body, exchange }) => {
      const { cookies, path, signIn } = parts
      await endBegun(parts, exchange)
      await signIn.endFlow(flowOf(parts, exchange, body.flow))
      const next = localPath(body.next, path, parts.baseUrl)
      return seeOther(withNext(`${path}/sign-in`, next), cookies.clearBegun())
    },
  })
}

export function renderRestart(
  frame: Frame,
  path: string,
  { flow, next }: Pick<SecondStep, 'flow' | 'next'>,
): Html {
  return renderForm(frame, {
    ...{ action: `${path}/sign-in/restart`, button: frame.texts.secondStep.restart },
    ...{ fields: [], hidden: { flow, next }, look: 'plain' },
  })
}

/** A page that only a form leads to, asked for by its address: the way begins at `start`. */
export function beginAnew(parts: AccountPageParts, path: string, start = '/sign-in'): Route {
  return route({
    method: 'GET',
    path,
    kind: 'page',
    summary: 'Leads to the page where this step begins',
    policy: { kind: 'public' },
    responses: { 303: { description: 'There' } },
    handle: async () => seeOther(parts.path + start),
  })
}

/**
 * Opens a step by its address: of the sign-in that this browser has begun, as long as that goes on. A
 * reload, a way back and a telephone that forgot the page end up here. Where somebody is signed in it is
 * not opened: what goes on may be somebody else's. Counts and changes nothing.
 */
export async function resume(
  parts: AccountPageParts,
  exchange: Exchange,
  wanted: string | undefined,
  show: (step: OpenStep) => Answer | Promise<Answer>,
): Promise<Answer> {
  const flow = parts.cookies.step(exchange)
  const next = localPath(wanted, parts.path, parts.baseUrl)
  if (flow === undefined || exchange.state.auth) {
    return seeOther(withNext(`${parts.path}/sign-in`, wanted === undefined ? undefined : next))
  }
  const view = await parts.signIn.flowView(flowOf(parts, exchange, flow))
  return view ? show({ flow, next, view }) : flowEnded(parts, next)
}

async function finish(
  parts: AccountPageParts,
  exchange: Exchange,
  form: z.output<typeof stepForm>,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { flow, method } = form
  const here = flowOf(parts, exchange, flow)
  const next = localPath(form.next, parts.path, parts.baseUrl)
  const again = async (refusal: Refusal) => {
    const view = await parts.signIn.flowView(here)
    if (!view) return flowEnded(parts, next)
    return showSecondStep(parts, frame, { ...view, flow, method, next, refusal, ...missedBy(form) })
  }
  try {
    const result = await parts.signIn.withFactor({
      ...{ ...here, proof: proofOf(form), trustDevice: form.trustDevice !== undefined },
      ...askingOf(parts, exchange),
    })
    if (result.status === 'signed_in') {
      return await signedIn(parts, exchange, { secrets: result, next })
    }
    if (result.status === 'flow_invalid') return flowEnded(parts, next)
    return await again({ status: 401, headers: {}, faults: rejectedFaults(frame, form) })
  } catch (error) {
    return again(refusalOf(error, [], frame.texts))
  }
}

function proofOf({ code, method, response }: z.output<typeof stepForm>): SecondProof {
  return method === 'passkey' ? { method, response: readCredential(response) } : { method, code }
}

function missedBy({ method, missed }: z.output<typeof stepForm>): Pick<SecondStep, 'missed'> {
  if (method !== 'totp') return {}
  return { missed: missed === undefined ? 'once' : 'again' }
}

/** Back to the password, and told why. The cookie stays: another tab may go on with a flow of its own. */
export function flowEnded({ path }: AccountPageParts, next: string): Answer {
  const address = `${withNotice(`${path}/sign-in`, 'flow-ended')}&next=${encodeURIComponent(next)}`
  return seeOther(address)
}

export function showSecondStep(parts: AccountPageParts, frame: Frame, step: SecondStep): Answer {
  const { path } = parts
  const { secondStep: words } = frame.texts
  const { flow, methods, missed, next, refusal } = step
  const content = html`${renderProofs(frame, {
    ...{ methods, tried: step.method, faults: refusal?.faults ?? [] },
    // With the page to go to, so that a reload by this address leads there, too.
    action: withNext(`${path}/sign-in/code`, next),
    options: `${parts.authPath}/login/mfa/options`,
    hidden: { flow, next },
    missed,
    extra: step.mayTrust ? renderTrust(parts, frame) : undefined,
  })}
${missed === 'again' && renderClock(frame, true)}
<p class="about">${methods.includes('totp') ? words.lost : words.lostPasskey}</p>
${renderRestart(frame, path, step)}`
  const title = methods.includes('totp') ? words.codeTitle : words.title
  const page = { title, content, failed: refusal !== undefined }
  return pageAnswer(frame, page, refusal)
}

function renderTrust({ trustMs }: AccountPageParts, { texts }: Frame): Html | undefined {
  if (trustMs === undefined) return undefined
  const { secondStep: words } = texts
  const label = fill(words.trust, { time: spanText(trustMs, texts.language) })
  return html`<div class="check">
<input id="trustDevice" name="trustDevice" type="checkbox" value="yes" aria-describedby="trustDevice-hint">
<label for="trustDevice">${label}</label>
<p class="hint" id="trustDevice-hint">${words.trustHint}</p>
</div>
`
}
