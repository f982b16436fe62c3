import { z } from 'zod'
import { type Answer, type Exchange, type Route, route } from '../http/index.ts'
import { browserOf } from '../sessions/index.ts'
import {
  type MfaRequired,
  type SignedIn,
  type SignInResult,
  signInErrors,
} from '../sign-in/index.ts'
import { askingOf, signedIn } from './caller.ts'
import { passkeyRefused } from './code-form.ts'
import { renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { localPath, withNext } from './next.ts'
import { noticeQuery, noticeText } from './notice.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { credentialField, readCredential } from './passkey-form.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'
import { resendButton } from './resend.ts'
import { showSignIn } from './sign-in-form.ts'

const signInQuery = noticeQuery.extend({ next: z.string().optional() })

const signInForm = z.strictObject({
  identifier: z.string().default(''),
  password: z.string().default(''),
  captcha: z.string().optional(),
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const passkeyForm = z.strictObject({
  response: credentialField,
  next: z.string().optional(),
  _csrf: z.string().optional(),
})

const credentials = z.object({
  identifier: z.string().min(1).max(320),
  password: z.string().min(1).max(4_096),
  captcha: z.string().optional(),
})

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
        return showSignIn(parts, frame, { identifier: '', next, notice: noticeText(frame, query) })
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
    route({
      method: 'POST',
      path: `${path}/passkey`,
      kind: 'page',
      summary: 'Page: sign in with a passkey alone',
      policy: { kind: 'public' },
      body: passkeyForm,
      responses: { 303: { description: 'Signed in' }, 401: { description: 'The form again' } },
      handle: async ({ body, exchange }) => signInByPasskey(parts, exchange, body),
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
    return showSignIn(parts, frame, { identifier, next, refusal, challenge })
  }
  const given = credentials.safeParse({ identifier, password, captcha })
  if (!given.success) {
    return again(shapeRefusal(given.error, { identifier, password }, frame.texts))
  }
  try {
    const result = await parts.signIn.withPassword({
      ...given.data,
      transport: 'session',
      ...askingOf(parts, exchange),
    })
    if (result.status === 'signed_in') {
      return await signedIn(parts, exchange, { secrets: result, next })
    }
    return await answerOf(parts, frame, { result, identifier, next })
  } catch (error) {
    return again(refusalOf(error, [], frame.texts))
  }
}

/** Nobody is named but by the passkey, and a refusal says nothing about it. */
async function signInByPasskey(
  parts: AccountPageParts,
  exchange: Exchange,
  form: z.output<typeof passkeyForm>,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const next = localPath(form.next, parts.path, parts.baseUrl)
  const view = { identifier: '', next }
  try {
    const result = await parts.signIn.withPasskey({
      response: readCredential(form.response),
      browser: browserOf(exchange, parts.cookies),
      transport: 'session',
      ...askingOf(parts, exchange),
    })
    if (result.status === 'signed_in') {
      return await signedIn(parts, exchange, { secrets: result, next })
    }
    return showSignIn(parts, frame, { ...view, refusal: passkeyRefused(frame) })
  } catch (error) {
    return showSignIn(parts, frame, { ...view, refusal: refusalOf(error, [], frame.texts) })
  }
}

/** Throws `invalid_credentials` for a denied sign-in, which becomes the form with one message. */
async function answerOf(
  parts: AccountPageParts,
  frame: Frame,
  done: {
    readonly result: Exclude<SignInResult, SignedIn>
    readonly identifier: string
    readonly next: string
  },
): Promise<Answer> {
  const { identifier, next, result } = done
  if (result.status === 'mfa_required') {
    return toSecondStep(parts, result, next)
  }
  if (result.status === 'challenge_required') {
    return showSignIn(parts, frame, { identifier, next, challenge: result.challenge })
  }
  if (result.status !== 'verification_required') throw signInErrors.invalid_credentials()
  const { signIn: words } = frame.texts
  const content = html`<p>${words.verification}</p>
${resendButton(frame, parts.path, identifier)}`
  return pageAnswer(frame, { title: words.verificationTitle, content })
}

/** To a page that can be opened again: what it goes on with stands in cookies, not in its address. */
function toSecondStep(
  { cookies, path }: AccountPageParts,
  { browser, enrol, expiresIn, flow }: MfaRequired,
  next: string,
): Answer {
  const page = enrol ? 'enrol' : 'code'
  const bound = browser === undefined ? [] : [cookies.flowCookie(browser, expiresIn)]
  return seeOther(withNext(`${path}/sign-in/${page}`, next), [
    ...bound,
    cookies.stepCookie(flow, expiresIn),
  ])
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
