import { z } from 'zod'
import { SecurityError } from '../errors/index.ts'
import { type Answer, type Exchange, originOf, type Route, route } from '../http/index.ts'
import type { SeenInvitation } from '../organisations/index.ts'
import { findUserById, realmOf } from '../users/index.ts'
import { callerOf } from './caller.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { tokenQuery, unusablePage } from './mailed-link.ts'
import { withNext } from './next.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { fill } from './texts.ts'

const acceptForm = z.strictObject({
  token: z.string().default(''),
  _csrf: z.string().optional(),
})

/** The page of an invitation to an organisation: looking at it changes nothing, its button accepts. */
export function invitationPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/invitation`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: 'Page of an invitation to an organisation; looking at it changes nothing',
      policy: { kind: 'public' },
      query: tokenQuery,
      responses: { 200: { description: 'What its button will do' } },
      handle: ({ exchange, query }) => show(parts, exchange, query.token ?? ''),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: 'Page: join the organisation of an invitation',
      policy: { kind: 'signed-in' },
      body: acceptForm,
      responses: { 200: { description: 'Joined' }, 400: { description: 'It works no more' } },
      handle: async (call) => {
        const { userId } = callerOf(call)
        const frame = frameOf(parts, call.exchange)
        const origin = originOf(call.exchange)
        return accept(parts, frame, { userId, token: call.body.token, origin })
      },
    }),
  ]
}

async function show(parts: AccountPageParts, exchange: Exchange, token: string): Promise<Answer> {
  const frame = frameOf(parts, exchange)
  const seen = await parts.organisations.inspectInvitation(token, realmOf(exchange))
  if (!seen) return unusable(frame)
  const words = frame.texts.invitation
  const { email, organisation } = seen
  const content = html`<p>${fill(words.intro, { organisation })}</p>
<p>${fill(words.whose, { email })}</p>
${await wayOn(parts, { exchange, frame, seen, token })}`
  return pageAnswer(frame, { title: fill(words.title, { organisation }), content })
}

/** The button for the account that may accept; for others the way to it. */
async function wayOn(
  parts: AccountPageParts,
  page: {
    readonly exchange: Exchange
    readonly frame: Frame
    readonly seen: SeenInvitation
    readonly token: string
  },
): Promise<Html> {
  const { exchange, frame, seen, token } = page
  const words = frame.texts.invitation
  const path = `${parts.path}/invitation`
  const { auth } = exchange.state
  if (!auth) return signInFirst(parts, frame, `${path}?token=${encodeURIComponent(token)}`)
  const row = await findUserById(parts.database.reader, auth.userId)
  if (row?.email_canonical !== seen.emailCanonical) {
    const { email } = seen
    return html`<p class="fault"><strong>${fill(words.foreign, { email })}</strong></p>`
  }
  return renderForm(frame, { action: path, button: words.action, fields: [], hidden: { token } })
}

function signInFirst(parts: AccountPageParts, { texts }: Frame, next: string): Html {
  const { register, signIn } = texts.invitation
  const address = withNext(`${parts.path}/sign-in`, next)
  const isOpen = parts.registration === 'open'
  return html`<p><a class="button" href="${address}">${signIn}</a></p>
${isOpen ? html`<p><a href="${parts.path}/register">${register}</a></p>` : ''}`
}

async function accept(
  parts: AccountPageParts,
  frame: Frame,
  acceptance: Parameters<AccountPageParts['organisations']['acceptInvitation']>[0],
): Promise<Answer> {
  const words = frame.texts.invitation
  try {
    const { organisation } = await parts.organisations.acceptInvitation(acceptance)
    const title = fill(words.doneTitle, { organisation: organisation.name })
    const content = html`<p>${words.done}</p>
<p><a class="button" href="${parts.path}">${words.doneAction}</a></p>`
    return pageAnswer(frame, { title, content })
  } catch (error) {
    const isSpent = error instanceof SecurityError && error.code === 'invitation_invalid'
    if (isSpent) return unusable(frame)
    throw error
  }
}

function unusable(frame: Frame): Answer {
  return unusablePage(frame, html`<p>${frame.texts.invitation.unusable}</p>`)
}
