import { z } from 'zod'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { askerOf } from '../users/index.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { fill } from './texts.ts'

const resendForm = z.strictObject({
  email: z.string().default(''),
  _csrf: z.string().optional(),
})

export function resendPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/resend`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page: ask for a new link',
      policy: { kind: 'public' },
      responses: { 200: { description: 'The form' } },
      handle: async ({ exchange }) => showForm(parts, frameOf(parts, exchange), ''),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: ask for a new link; the same for every address',
      policy: { kind: 'public' },
      body: resendForm,
      responses: {
        202: { description: 'Check your mail' },
        400: { description: 'The form again' },
      },
      handle: async ({ body, exchange }) => resend(parts, exchange, body.email),
    }),
  ]
}

async function resend(parts: AccountPageParts, exchange: Exchange, email: string): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  try {
    await parts.signUp.resend(email, originOf(exchange), askerOf(exchange))
  } catch (error) {
    return showForm(parts, frame, email, refusalOf(error, ['email'], frame.texts))
  }
  return checkMailPage(frame, parts.path, email)
}

function showForm(
  { path }: AccountPageParts,
  frame: Frame,
  email: string,
  refusal?: Refusal,
): Answer {
  const { backToSignIn, resend: words } = frame.texts
  const content = html`<p>${words.intro}</p>
${resendFields(frame, { path, email, refusal })}
<ul class="links"><li><a href="${path}/sign-in">${backToSignIn}</a></li></ul>`
  return pageAnswer(frame, { title: words.title, content, failed: refusal !== undefined }, refusal)
}

/** The form that asks for a new link, for this page and for the one of a link that is spent. */
export function resendFields(
  frame: Frame,
  form: { readonly path: string; readonly email: string; readonly refusal?: Refusal | undefined },
): Html {
  const { fields, resend: words } = frame.texts
  return renderForm(frame, {
    action: `${form.path}/resend`,
    button: words.action,
    fields: [
      {
        ...{ name: 'email', label: fields.email, type: 'email', autocomplete: 'email' },
        value: form.email,
      } as const,
    ],
    faults: form.refusal?.faults ?? [],
  })
}

/** One button that sends the mail again to an address already typed. */
export function resendButton(frame: Frame, path: string, email: string): Html {
  const { action } = frame.texts.checkMail
  return renderForm(frame, {
    action: `${path}/resend`,
    button: action,
    fields: [],
    hidden: { email },
    look: 'plain',
  })
}

/** What follows on every registration and every resend, whether or not the address is known. */
export function checkMailPage(frame: Frame, path: string, email: string): Answer {
  const { backToSignIn, checkMail: words } = frame.texts
  const content = html`<p>${fill(words.sent, { email: email.trim() })}</p>
<p class="intro">${words.missing}</p>
${resendButton(frame, path, email)}
<ul class="links"><li><a href="${path}/sign-in">${backToSignIn}</a></li></ul>`
  return pageAnswer(frame, { title: words.title, content }, { status: 202 })
}
