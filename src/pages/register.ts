import { z } from 'zod'
import { registerBody } from '../contract.ts'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import { signUpErrors } from '../sign-up/index.ts'
import { askerOf } from '../users/index.ts'
import { newPasswordField } from './fields.ts'
import { type Field, renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'
import { checkMailPage } from './resend.ts'

/** Lengths are judged with the form, so that it comes back with what was typed. */
const registerForm = z.strictObject({
  email: z.string().default(''),
  password: z.string().default(''),
  username: z.string().default(''),
  displayName: z.string().default(''),
  companyName: z.string().default(''),
  _csrf: z.string().optional(),
})

type RegisterValues = Omit<z.output<typeof registerForm>, '_csrf'>

const empty: RegisterValues = {
  ...{ email: '', password: '', username: '', displayName: '', companyName: '' },
}

export function registerPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/register`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page: create an account',
      policy: { kind: 'public' },
      responses: { 200: { description: 'The form' } },
      handle: async ({ exchange }) => showForm(parts, exchange, empty),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: create an account; the same for known and unknown addresses',
      policy: { kind: 'public' },
      body: registerForm,
      responses: {
        202: { description: 'Check your mail' },
        400: { description: 'The form again' },
      },
      handle: async ({ body: { _csrf, ...values }, exchange }) => register(parts, exchange, values),
    }),
  ]
}

async function register(
  parts: AccountPageParts,
  exchange: Exchange,
  values: RegisterValues,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const { displayName, companyName, email, password, username } = values
  const given = registerBody.safeParse({
    ...{ email, password },
    ...(username.trim() === '' ? {} : { username }),
    ...(displayName.trim() === '' ? {} : { displayName }),
    ...(companyName.trim() === '' ? {} : { companyName }),
  })
  if (!given.success) {
    return showForm(parts, exchange, values, shapeRefusal(given.error, values, frame.texts))
  }
  try {
    await parts.signUp.register(given.data, originOf(exchange), askerOf(exchange))
  } catch (error) {
    return showForm(parts, exchange, values, refusalOf(error, Object.keys(empty), frame.texts))
  }
  return checkMailPage(frame, parts.path, email)
}

function showForm(
  parts: AccountPageParts,
  exchange: Exchange,
  values: RegisterValues,
  refusal?: Refusal,
): Answer {
  const frame = frameOf(parts, exchange)
  if (parts.registration !== 'open') return closedPage(frame, parts.path)
  const { register: words } = frame.texts
  const content = html`<p class="intro">${words.intro}</p>
${renderForm(frame, {
  action: `${parts.path}/register`,
  button: words.action,
  fields: registerFields(frame, parts.passwordMinLength, values),
  faults: refusal?.faults ?? [],
})}
<ul class="links"><li><a href="${parts.path}/sign-in">${words.signIn}</a></li></ul>`
  return pageAnswer(frame, { title: words.title, content, failed: refusal !== undefined }, refusal)
}

function closedPage(frame: Frame, path: string): Answer {
  const { backToSignIn, register: words } = frame.texts
  const content = html`<p>${words.closed}</p>
<p><a class="button" href="${path}/sign-in">${backToSignIn}</a></p>`
  const { status } = signUpErrors.$table.registration_closed
  return pageAnswer(frame, { title: words.closedTitle, content }, { status })
}

function registerFields(
  { texts }: Frame,
  minLength: number,
  values: RegisterValues,
): readonly Field[] {
  const { fields, hints } = texts
  const optional = true
  return [
    {
      name: 'email',
      label: fields.email,
      type: 'email',
      autocomplete: 'email',
      value: values.email,
    },
    newPasswordField(texts, { minLength }),
    {
      ...{ name: 'username', label: fields.username, type: 'text', autocomplete: 'username' },
      ...{ optional, hint: hints.username, value: values.username },
    } as const,
    {
      ...{ name: 'displayName', label: fields.displayName, type: 'text', autocomplete: 'name' },
      ...{ optional, value: values.displayName },
    } as const,
    {
      ...{ name: 'companyName', label: fields.companyName, type: 'text' },
      ...{ autocomplete: 'organization', optional },
      ...{ hint: hints.companyName, value: values.companyName },
    } as const,
  ]
}
