import { z } from 'zod'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { askerOf } from '../users/index.ts'
import { emailField } from './fields.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { fill } from './texts.ts'

const forgotForm = z.strictObject({
  email: z.string().default(''),
  _csrf: z.string().optional(),
})

/** For somebody who forgot her password. The same for every address. */
export function forgotPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/forgot`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page: ask for a new password',
      policy: { kind: 'public' },
      responses: { 200: { description: 'The form' } },
      handle: async ({ exchange }) => showForm(parts, frameOf(parts, exchange), ''),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: ask for a new password; the same for every address',
      policy: { kind: 'public' },
      body: forgotForm,
      responses: {
        202: { description: 'Check your mail' },
        400: { description: 'The form again' },
      },
      handle: async ({ body, exchange }) => forgot(parts, exchange, body.email),
    }),
  ]
}

async function forgot(parts: AccountPageParts, exchange: Exchange, email: string): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  try {
    await parts.recovery.forgot(email, originOf(exchange), askerOf(exchange))
  } catch (error) {
    return showForm(parts, frame, email, refusalOf(error, ['email'], frame.texts))
  }
  return sentPage(frame, parts.path, email)
}

function showForm(
  { path }: AccountPageParts,
  frame: Frame,
  email: string,
  refusal?: Refusal,
): Answer {
  const { backToSignIn, forgot: words } = frame.texts
  const content = html`<p>${words.intro}</p>
${forgotFields(frame, { path, email, refusal })}
<ul class="links"><li><a href="${path}/sign-in">${backToSignIn}</a></li></ul>`
  return pageAnswer(frame, { title: words.title, content, failed: refusal !== undefined }, refusal)
}

/** The form that asks for a mail, for this page and for those of links that are spent. */
export function forgotFields(
  frame: Frame,
  form: { readonly path: string; readonly email?: string; readonly refusal?: Refusal | undefined },
): Html {
  const { forgot: words } = frame.texts
  return renderForm(frame, {
    action: `${form.path}/forgot`,
    button: words.action,
    fields: [emailField(frame.texts, form.email ?? '')],
    faults: form.refusal?.faults ?? [],
  })
}

/** What follows on every address, whether or not somebody has it. */
function sentPage(frame: Frame, path: string, email: string): Answer {
  const { backToSignIn, checkMail, forgot: words } = frame.texts
  const again = renderForm(frame, {
    action: `${path}/forgot`,
    button: words.again,
    fields: [],
    hidden: { email },
    look: 'plain',
  })
  const content = html`<p>${fill(words.sent, { email: email.trim() })}</p>
<p class="intro">${words.missing}</p>
${again}
<ul class="links"><li><a href="${path}/sign-in">${backToSignIn}</a></li></ul>`
  return pageAnswer(frame, { title: checkMail.title, content }, { status: 202 })
}
