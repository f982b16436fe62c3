import { z } from 'zod'
import {
  type Answer,
  clientKeyOf,
  type Exchange,
  originOf,
  type Route,
  route,
} from '../http/index.ts'
import { type SignInResult, signInErrors } from '../sign-in/index.ts'
import { type Field, renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { localPath } from './next.ts'
import { noticeQuery, noticeText } from './notice.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'
import { resendButton } from './resend.ts'

const signInQuery = noticeQuery.extend({ next: z.string().optional() })

const signInForm = z.strictObject({
  identifier: z.string().default(''),
  password: z.string().default(''),
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const credentials = z.object({
  identifier: z.string().min(1).max(320),
  password: z.string().min(1).max(4_096),
})

interface SignInView {
  readonly identifier: string
  readonly next: string
  readonly notice?: string | undefined
  readonly refusal?: Refusal
}

export function signInPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/sign-in`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page: sign in',
      policy: { kind: 'public' },
      query: signInQuery,
      responses: { 200: { description: 'The form' } },
      handle: async ({ exchange, query }) => {
        const frame = frameOf(parts, exchange)
        const next = localPath(query.next, parts.path, parts.baseUrl)
        if (exchange.state.auth) return alreadyPage(frame, parts.path, next)
        return showForm(parts, frame, { identifier: '', next, notice: noticeText(frame, query) })
      },
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: sign in with a session cookie',
      policy: { kind: 'public' },
      body: signInForm,
      responses: { 303: { description: 'Signed in' }, 401: { description: 'The form again' } },
      handle: async ({ body, exchange }) =>
        signIn(parts, exchange, {
          ...{ identifier: body.identifier, password: body.password },
          next: localPath(body.next, parts.path, parts.baseUrl),
        }),
    }),
  ]
}

interface Attempt {
  readonly identifier: string
  readonly password: string
  readonly next: string
}

async function signIn(
  parts: AccountPageParts,
  exchange: Exchange,
  { identifier, next, password }: Attempt,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const again = (refusal: Refusal) => showForm(parts, frame, { identifier, next, refusal })
  const given = credentials.safeParse({ identifier, password })
  if (!given.success) {
    return again(shapeRefusal(given.error, { identifier, password }, frame.texts))
  }
  try {
    const result = await parts.signIn.withPassword({
      ...given.data,
      transport: 'session',
      device: parts.cookies.device(exchange),
      clientKey: clientKeyOf(exchange),
      origin: originOf(exchange),
    })
    return answerOf(parts, frame, { result, identifier, next })
  } catch (error) {
    return again(refusalOf(error, [], frame.texts))
  }
}

/** Throws `invalid_credentials` for a denied sign-in, which becomes the form with one message. */
function answerOf(
  { cookies, path }: AccountPageParts,
  frame: Frame,
  done: { readonly result: SignInResult; readonly identifier: string; readonly next: string },
): Answer {
  const { result } = done
  if (result.status === 'denied') throw signInErrors.invalid_credentials()
  if (result.status === 'signed_in') return seeOther(done.next, cookies.set('session', result))
  const { backToSignIn, signIn: words } = frame.texts
  if (result.status === 'verification_required') {
    const content = html`<p>${words.verification}</p>
${resendButton(frame, path, done.identifier)}`
    return pageAnswer(frame, { title: words.verificationTitle, content })
  }
  const content = html`<p>${words.moreProof}</p>
<p><a href="${path}/sign-in">${backToSignIn}</a></p>`
  return pageAnswer(frame, { title: words.moreProofTitle, content })
}

function showForm(parts: AccountPageParts, frame: Frame, view: SignInView): Answer {
  const { path, registration } = parts
  const { signIn: words } = frame.texts
  const content = html`${renderForm(frame, {
    action: `${path}/sign-in`,
    button: words.action,
    fields: signInFields(frame, view.identifier),
    hidden: { next: view.next },
    faults: view.refusal?.faults ?? [],
  })}
<ul class="links">
${registration === 'open' && html`<li><a href="${path}/register">${words.register}</a></li>`}
<li><a href="${path}/resend">${words.resend}</a></li>
</ul>`
  const failed = view.refusal !== undefined
  const page = { title: words.title, content, failed, notice: view.notice }
  return pageAnswer(frame, page, view.refusal)
}

function signInFields({ texts }: Frame, identifier: string): readonly Field[] {
  const { fields } = texts
  return [
    {
      ...{ name: 'identifier', label: fields.identifier, type: 'text' },
      ...{ autocomplete: 'username', value: identifier },
    } as const,
    {
      ...{ name: 'password', label: fields.password, type: 'password' },
      autocomplete: 'current-password',
    } as const,
  ]
}

/** No redirect: an app that sends signed-in people here again would send them round in circles. */
function alreadyPage(frame: Frame, path: string, next: string): Answer {
  const { account, signIn: words } = frame.texts
  const content = html`<p>${words.alreadyText}</p>
<p><a class="button" href="${next}">${words.continue}</a></p>
${renderForm(frame, {
  action: `${path}/sign-out`,
  button: account.signOut,
  fields: [],
  plain: true,
})}`
  return pageAnswer(frame, { title: words.already, content })
}
