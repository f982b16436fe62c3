import { z } from 'zod'
import type { FactorMethod } from '../assurance/index.ts'
import { factorMethod } from '../contract-factors.ts'
import { type Answer, type Call, originOf, type Route, route } from '../http/index.ts'
import { browserOf } from '../sessions/index.ts'
import { findUserById } from '../users/index.ts'
import { callerOf, goneSession } from './caller.ts'
import { rejectedFaults, renderProofs } from './code-form.ts'
import { currentPasswordField } from './fields.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { localPath, withNext } from './next.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { credentialField, readCredential } from './passkey-form.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'

const proveQuery = z.object({ next: z.string().optional(), level: z.string().optional() })

const proveForm = z.strictObject({
  method: factorMethod.optional().catch(undefined),
  currentPassword: z.string().default(''),
  code: z.string().default(''),
  response: credentialField,
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const knownPassword = z.object({ currentPassword: z.string().min(1).max(4_096) })

interface View {
  readonly next: string
  readonly refusal?: Refusal
  /** What was tried last. */
  readonly method?: FactorMethod | undefined
  /** A second factor is asked for, whether there is one or not. */
  readonly demanded?: boolean
}

/**
 * A fresh proof before what matters, and back to it. `next` is a page: what was entered into a form
 * before is not carried along, and whoever sends people here says so.
 */
export function provePages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/prove`
  const policy = { kind: 'signed-in', anyLevel: true } as const
  return [
    route({
      ...{ method: 'GET', path, kind: 'page', policy },
      summary: 'Page: prove again who you are',
      query: proveQuery,
      responses: { 200: { description: 'The form' } },
      handle: async (call) => {
        const next = localPath(call.query.next, parts.path, parts.baseUrl)
        return show(parts, call, { next, demanded: call.query.level === '2' })
      },
    }),
    route({
      ...{ method: 'POST', path, kind: 'page', policy },
      summary: 'Page: take the proof and lead back',
      body: proveForm,
      responses: { 303: { description: 'Proven' }, 401: { description: 'The form again' } },
      handle: async (call) => prove(parts, call),
    }),
  ]
}

async function prove(
  parts: AccountPageParts,
  call: Call<z.output<typeof proveForm>>,
): Promise<Answer> {
  const { body, exchange } = call
  const { method } = body
  const frame = frameOf(parts, exchange)
  const next = localPath(body.next, parts.path, parts.baseUrl)
  const again = (refusal: Refusal) => show(parts, call, { next, method, refusal })
  const given = knownPassword.safeParse(body)
  if (method === undefined && !given.success) {
    return again(shapeRefusal(given.error, body, frame.texts))
  }
  try {
    const { secret } = await parts.recovery.stepUp({
      auth: callerOf(call),
      origin: originOf(exchange),
      browser: browserOf(exchange, parts.cookies),
      devices: parts.cookies.devices(exchange),
      ...proofOf(body),
    })
    return seeOther(next, parts.cookies.renew(secret.transport, secret))
  } catch (error) {
    const refusal = refusalOf(error, ['currentPassword', 'code'], frame.texts)
    const isWrong = method !== undefined && refusal.status === 401
    const faults = isWrong ? rejectedFaults(frame, { method, code: body.code }) : refusal.faults
    return again({ ...refusal, faults })
  }
}

function proofOf({ code, currentPassword, method, response }: z.output<typeof proveForm>) {
  if (method === undefined) return { currentPassword }
  return method === 'passkey' ? { method, response: readCredential(response) } : { method, code }
}

async function show(
  parts: AccountPageParts,
  call: Pick<Call, 'auth' | 'exchange'>,
  view: View,
): Promise<Answer> {
  const auth = callerOf(call)
  const frame = frameOf(parts, call.exchange)
  const row = await findUserById(parts.database.reader, auth.userId)
  if (!row) throw goneSession()
  const { prove: words } = frame.texts
  const { refusal } = view
  const methods = await parts.factors.methods(parts.database.reader, row)
  const isLow = auth.level < auth.requiredLevel
  const body =
    methods.length > 0
      ? renderSecondFactor(parts, frame, { ...view, methods })
      : view.demanded
        ? renderSetUp(parts, frame, { ...view, isLow })
        : renderPassword(parts, frame, { ...view, email: row.email })
  const content = html`${body}
${isLow ? renderLeave(parts, frame) : html`<ul class="links"><li><a href="${parts.path}">${words.cancel}</a></li></ul>`}`
  const failed = refusal !== undefined
  return pageAnswer(frame, { title: words.title, content, failed }, refusal)
}

function renderSecondFactor(
  { authPath, path }: AccountPageParts,
  frame: Frame,
  { method, methods, next, refusal }: View & { readonly methods: readonly FactorMethod[] },
): Html {
  return renderProofs(frame, {
    ...{ methods, tried: method, faults: refusal?.faults ?? [] },
    intro: frame.texts.prove.intro,
    action: `${path}/prove`,
    options: `${authPath}/step-up/options`,
    hidden: { next },
  })
}

function renderPassword(
  { path }: AccountPageParts,
  frame: Frame,
  { email, next, refusal }: View & { readonly email: string },
): Html {
  const { prove: words } = frame.texts
  // The page says itself why it asks.
  const { hint: _, ...field } = currentPasswordField(frame.texts)
  return html`<p class="intro">${words.intro}</p>
${renderForm(frame, {
  action: `${path}/prove`,
  button: words.action,
  fields: [{ ...field, focus: refusal === undefined }],
  hidden: { next },
  username: email,
  faults: refusal?.faults ?? [],
})}`
}

/** Where a second factor is asked for and there is none, a password helps nobody. The way leads on to `next`. */
function renderSetUp(
  { path }: AccountPageParts,
  frame: Frame,
  { isLow, next }: View & { readonly isLow: boolean },
): Html {
  const { factors, prove: words } = frame.texts
  return html`<p>${isLow ? words.requiredOfYou : words.required}</p>
<p><a class="button" href="${withNext(`${path}/authenticator`, next)}">${words.requiredAction}</a></p>
<p><a href="${withNext(`${path}/passkeys/add`, next)}">${factors.addPasskey}</a></p>`
}

/** Below the level that policy demands the account would lead straight back here: out is the way. */
function renderLeave({ path }: AccountPageParts, frame: Frame): Html {
  const button = frame.texts.account.signOut
  return renderForm(frame, { action: `${path}/sign-out`, button, fields: [], look: 'plain' })
}
