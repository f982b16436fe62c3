import { z } from 'zod'
import { resetBody } from '../contract.ts'
import { SecurityError } from '../errors/index.ts'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import type { LinkPurpose } from '../recovery/index.ts'
import { askerOf, realmOf } from '../users/index.ts'
import { newPasswordField } from './fields.ts'
import { forgotFields } from './forgot.ts'
import { renderForm } from './form.ts'
import { html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { tokenQuery, unusablePage } from './mailed-link.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'

const resetForm = z.strictObject({
  token: z.string().default(''),
  password: z.string().default(''),
  _csrf: z.string().optional(),
})

const purposes = ['reset', 'secure', 'invitation'] as const satisfies readonly LinkPurpose[]

interface ResetValues {
  readonly token: string
  readonly password: string
}

/** The page of a mailed link that sets a password. Looking at it changes nothing. */
export function resetPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/reset`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page of a mailed link for a password; looking at it changes nothing',
      policy: { kind: 'public' },
      query: tokenQuery,
      responses: { 200: { description: 'A form whose button saves' } },
      handle: async ({ exchange, query }) => showLink(parts, exchange, query.token ?? ''),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: save a password with a mailed link',
      policy: { kind: 'public' },
      body: resetForm,
      responses: { 200: { description: 'Saved' }, 400: { description: 'The form again' } },
      handle: async ({ body, exchange }) => reset(parts, exchange, body),
    }),
  ]
}

async function reset(
  parts: AccountPageParts,
  exchange: Exchange,
  { password, token }: ResetValues,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const given = resetBody.pick({ password: true }).safeParse({ password })
  if (!given.success) {
    const refusal = shapeRefusal(given.error, { password }, frame.texts)
    return showLink(parts, exchange, token, refusal)
  }
  let device: string
  try {
    const asking = { ...askerOf(exchange), origin: originOf(exchange) }
    device = await parts.recovery.reset({ token, password, ...asking })
  } catch (error) {
    if (error instanceof SecurityError && error.code === 'link_invalid') {
      return deadLink(parts, frame)
    }
    return showLink(parts, exchange, token, refusalOf(error, ['password'], frame.texts))
  }
  const { reset: words } = frame.texts
  const content = html`<p>${words.done}</p>
<p><a class="button" href="${parts.path}/sign-in">${words.doneAction}</a></p>`
  const cookie = parts.cookies.deviceCookie([device, ...parts.cookies.devices(exchange)])
  return { ...pageAnswer(frame, { title: words.doneTitle, content }), cookies: [cookie] }
}

async function showLink(
  parts: AccountPageParts,
  exchange: Exchange,
  token: string,
  refusal?: Refusal,
): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const link = await parts.recovery.inspect(token, purposes, realmOf(exchange))
  const purpose = purposes.find((known) => link.usable && known === link.purpose)
  if (purpose === undefined) return deadLink(parts, frame)
  const words = frame.texts.reset[purpose]
  const content = html`<p>${words.intro}</p>
${renderForm(frame, {
  action: `${parts.path}/reset`,
  button: words.action,
  fields: [newPasswordField(frame.texts, { minLength: parts.passwordMinLength, anew: true })],
  hidden: { token },
  faults: refusal?.faults ?? [],
  ...(link.email === undefined ? {} : { username: link.email }),
})}
<ul class="links"><li><a href="${parts.path}/sign-in">${frame.texts.backToSignIn}</a></li></ul>`
  return pageAnswer(frame, { title: words.title, content, failed: refusal !== undefined }, refusal)
}

function deadLink({ path }: AccountPageParts, frame: Frame): Answer {
  const { backToSignIn, reset: words } = frame.texts
  const content = html`<p>${words.unusable}</p>
${forgotFields(frame, { path })}
<p class="about">${words.unusableInvitation}</p>
<ul class="links"><li><a href="${path}/sign-in">${backToSignIn}</a></li></ul>`
  return unusablePage(frame, content)
}
