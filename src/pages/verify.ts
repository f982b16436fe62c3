import { z } from 'zod'
import { SecurityError } from '../errors/index.ts'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { type LinkState, signUpErrors } from '../sign-up/index.ts'
import { realmOf } from '../users/index.ts'
import { newPasswordField } from './fields.ts'
import { type Field, renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { resendFields } from './resend.ts'

const verifyQuery = z.object({ token: z.string().optional() })

const verifyForm = z.strictObject({
  token: z.string().default(''),
  username: z.string().optional(),
  password: z.string().optional(),
  _csrf: z.string().optional(),
})

type VerifyValues = z.output<typeof verifyForm>

export function verifyPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/verify`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page of a mailed link; looking at it changes nothing',
      policy: { kind: 'public' },
      query: verifyQuery,
      responses: { 200: { description: 'A form whose button confirms' } },
      handle: async ({ exchange, query }) =>
        showLink(parts, exchange, { token: query.token ?? '' }),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: confirm an address',
      policy: { kind: 'public' },
      body: verifyForm,
      responses: { 200: { description: 'Confirmed' }, 400: { description: 'The form again' } },
      handle: async ({ body, exchange }) => verify(parts, exchange, body),
    }),
  ]
}

async function verify(
  parts: AccountPageParts,
  exchange: Exchange,
  values: VerifyValues,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { password, token, username } = values
  try {
    await parts.verification.verify({
      ...{ token, origin: originOf(exchange), realm: realmOf(exchange) },
      ...(username?.trim() ? { username } : {}),
      ...(password ? { password } : {}),
    })
  } catch (error) {
    if (!(error instanceof SecurityError)) throw error
    return showLink(parts, exchange, values, error)
  }
  const { verify: words } = frame.texts
  const content = html`<p>${words.done}</p>
<p><a class="button" href="${parts.path}/sign-in">${words.doneAction}</a></p>`
  return pageAnswer(frame, { title: words.doneTitle, content })
}

/** The form of a link as it is now; after a refusal with its reasons. */
async function showLink(
  parts: AccountPageParts,
  exchange: Exchange,
  values: VerifyValues,
  error?: SecurityError,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const state = await parts.verification.inspect(values.token, realmOf(exchange))
  if (!state.usable || error?.code === 'link_invalid') return unusablePage(frame, parts.path)
  const fields = linkFields(frame, state, { ...values, minLength: parts.passwordMinLength })
  const names = fields.map(({ name }) => name)
  const refusal: Refusal | undefined =
    error === undefined ? undefined : refusalOf(error, names, frame.texts)
  const { verify: words } = frame.texts
  const content = html`${fields.length === 0 && html`<p>${words.intro}</p>`}
${state.needsUsername && html`<p>${words.needsUsername}</p>`}
${state.needsPassword && html`<p>${words.needsPassword}</p>`}
${renderForm(frame, {
  action: `${parts.path}/verify`,
  button: words.action,
  fields,
  hidden: { token: values.token },
  faults: refusal?.faults ?? [],
})}`
  return pageAnswer(frame, { title: words.title, content, failed: refusal !== undefined }, refusal)
}

function linkFields(
  { texts }: Frame,
  state: LinkState,
  form: { readonly username?: string | undefined; readonly minLength: number },
): readonly Field[] {
  const username: Field = {
    ...{ name: 'username', label: texts.fields.username, type: 'text', autocomplete: 'username' },
    ...{ hint: texts.hints.username, value: form.username },
  }
  return [
    ...(state.needsUsername ? [username] : []),
    ...(state.needsPassword ? [newPasswordField(texts, { minLength: form.minLength })] : []),
  ]
}

function unusablePage(frame: Frame, path: string): Answer {
  const { verify: words } = frame.texts
  const content = html`<p>${words.unusable}</p>
${resendFields(frame, { path, email: '' })}
<ul class="links"><li><a href="${path}/sign-in">${frame.texts.backToSignIn}</a></li></ul>`
  const { status } = signUpErrors.$table.link_invalid
  return pageAnswer(frame, { title: frame.texts.unusableTitle, content, failed: true }, { status })
}
