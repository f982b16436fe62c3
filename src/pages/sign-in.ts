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
import { type Challenge, renderChallenge } from './challenge.ts'
import { type Field, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
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
  captcha: z.string().optional(),
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const credentials = z.object({
  identifier: z.string().min(1).max(320),
  password: z.string().min(1).max(4_096),
  captcha: z.string().optional(),
})

interface SignInView {
  readonly identifier: string
  readonly next: string
  readonly notice?: string | undefined
  readonly refusal?: Refusal
  /** To be solved with the next attempt. */
  readonly challenge?: Challenge | undefined
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
          ...{ identifier: body.identifier, password: body.password, captcha: body.captcha },
          next: localPath(body.next, parts.path, parts.baseUrl),
        }),
    }),
  ]
}

interface Attempt {
  readonly identifier: string
  readonly password: string
  readonly captcha: string | undefined
  readonly next: string
}

async function signIn(
  parts: AccountPageParts,
  exchange: Exchange,
  attempt: Attempt,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { identifier, next, password } = attempt
  // Left out where there is none: browsers send the field empty when no script has filled it.
  const captcha = attempt.captcha || undefined
  const again = async (refusal: Refusal) => {
    // Nothing is to be solved while nothing is taken.
    const isDue = captcha !== undefined && refusal.status !== 429
    const challenge = isDue ? await parts.captcha?.challenge() : undefined
    return showForm(parts, frame, { identifier, next, refusal, challenge })
  }
  const given = credentials.safeParse({ identifier, password, captcha })
  if (!given.success) {
    return again(shapeRefusal(given.error, { identifier, password }, frame.texts))
  }
  try {
    const result = await parts.signIn.withPassword({
      ...given.data,
      transport: 'session',
      devices: parts.cookies.devices(exchange),
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
  parts: AccountPageParts,
  frame: Frame,
  done: { readonly result: SignInResult; readonly identifier: string; readonly next: string },
): Answer {
  const { cookies, path } = parts
  const { identifier, next, result } = done
  if (result.status === 'denied') throw signInErrors.invalid_credentials()
  if (result.status === 'signed_in') return seeOther(next, cookies.set('session', result))
  if (result.status === 'challenge_required') {
    return showForm(parts, frame, { identifier, next, challenge: result.challenge })
  }
  const { backToSignIn, signIn: words } = frame.texts
  if (result.status === 'verification_required') {
    const content = html`<p>${words.verification}</p>
${resendButton(frame, path, identifier)}`
    return pageAnswer(frame, { title: words.verificationTitle, content })
  }
  const content = html`<p>${words.moreProof}</p>
<p><a href="${path}/sign-in">${backToSignIn}</a></p>`
  return pageAnswer(frame, { title: words.moreProofTitle, content })
}

/** What was typed comes back but for the password: a page never holds one. */
function showForm(parts: AccountPageParts, frame: Frame, view: SignInView): Answer {
  const { path } = parts
  const { signIn: words } = frame.texts
  const challenge = view.challenge && renderChallenge(frame, view.challenge, parts.captchaPath)
  const form = renderForm(frame, {
    action: `${path}/sign-in`,
    button: words.action,
    fields: signInFields(frame, view),
    hidden: { next: view.next },
    faults: view.refusal?.faults ?? [],
    ...(challenge ? { extra: challenge.field } : {}),
  })
  const content = html`${challenge?.intro}
${form}
${renderLinks(parts, frame)}${challenge?.script}`
  const failed = view.refusal !== undefined
  const title = challenge && !failed ? words.challengeTitle : words.title
  const page = { title, content, failed, notice: view.notice }
  const { nonce } = frame
  const headers = challenge && nonce !== undefined ? parts.challengeHeaders?.(nonce) : undefined
  const answer = {
    status: view.refusal?.status ?? 200,
    headers: { ...view.refusal?.headers, ...headers },
  }
  return pageAnswer(frame, page, answer)
}

function renderLinks({ path, registration }: AccountPageParts, { texts }: Frame): Html {
  const { signIn: words } = texts
  return html`<ul class="links">
<li><a href="${path}/forgot">${words.forgot}</a></li>
${registration === 'open' && html`<li><a href="${path}/register">${words.register}</a></li>`}
<li><a href="${path}/resend">${words.resend}</a></li>
</ul>`
}

function signInFields({ texts }: Frame, view: SignInView): readonly Field[] {
  const { fields } = texts
  const asksAgain = view.challenge !== undefined && view.refusal === undefined
  return [
    {
      ...{ name: 'identifier', label: fields.identifier, type: 'text' },
      ...{ autocomplete: 'username', value: view.identifier },
    } as const,
    {
      ...{ name: 'password', label: fields.password, type: 'password' },
      ...{ autocomplete: 'current-password', focus: asksAgain },
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
  look: 'plain',
})}`
  return pageAnswer(frame, { title: words.already, content })
}
