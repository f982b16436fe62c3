import { z } from 'zod'
import { SecurityError } from '../errors/index.ts'
import { type Answer, type Call, originOf, type Route, route } from '../http/index.ts'
import type { LinkAccount, LinkPurpose, LinkRequest } from '../recovery/index.ts'
import { signUpErrors } from '../sign-up/index.ts'
import { realmOf } from '../users/index.ts'
import { type Form, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** A page that takes the token of a mailed link from its address. */
export const tokenQuery = z.object({ token: z.string().optional() })

const tokenForm = z.strictObject({
  token: z.string().default(''),
  _csrf: z.string().optional(),
})

/** What the page of a link knows before its button is used. */
export interface SeenLink {
  /** Whose link it is, if that is told. */
  readonly account: LinkAccount | undefined
  /** Whoever is signed in with this browser. */
  readonly callerId: string | undefined
}

/** The page of a mailed link that has one button. */
export interface LinkPage {
  /** Last segment of its address. */
  readonly name: string
  readonly purpose: LinkPurpose
  /** For OpenAPI: what the button does. */
  readonly summary: string
  readonly title: (frame: Frame) => string
  /** What the button will do, in words, and the button. */
  readonly view: (
    frame: Frame,
    seen: SeenLink,
  ) => { readonly text: Html } & Pick<Form, 'button' | 'look'>
  readonly act: (request: LinkRequest) => Promise<void>
  readonly done: (frame: Frame) => { readonly title: string; readonly content: Html }
  /** What to do instead when the link is spent. */
  readonly unusable: (frame: Frame) => Html
}

/** GET looks at the link and changes nothing, so scanners may open it; POST uses it. */
export function linkPages(parts: AccountPageParts, page: LinkPage): readonly Route[] {
  const path = `${parts.path}/${page.name}`
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: `Page of a mailed link (${page.name}); looking at it changes nothing`,
      policy: { kind: 'public' },
      query: tokenQuery,
      responses: { 200: { description: 'What its button will do' } },
      handle: async ({ exchange, query }) =>
        showLink(parts, page, {
          ...{ frame: frameOf(parts, exchange), token: query.token ?? '' },
          realm: realmOf(exchange),
          callerId: exchange.state.auth?.userId,
        }),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: page.summary,
      policy: { kind: 'public' },
      body: tokenForm,
      responses: { 200: { description: 'Done' }, 400: { description: 'The link is spent' } },
      handle: async (call) => useLink(parts, page, call),
    }),
  ]
}

async function useLink(
  parts: AccountPageParts,
  page: LinkPage,
  { body, exchange }: Call<z.output<typeof tokenForm>>,
): Promise<Answer> {
  const { token } = body
  const frame = frameOf(parts, exchange)
  const realm = realmOf(exchange)
  try {
    await page.act({ token, realm, origin: originOf(exchange) })
  } catch (error) {
    if (error instanceof SecurityError && error.code === 'link_invalid') {
      return unusablePage(frame, page.unusable(frame))
    }
    const refusal = refusalOf(error, [], frame.texts)
    const callerId = exchange.state.auth?.userId
    return showLink(parts, page, { frame, token, realm, callerId, refusal })
  }
  return pageAnswer(frame, page.done(frame))
}

async function showLink(
  parts: AccountPageParts,
  page: LinkPage,
  link: {
    readonly frame: Frame
    readonly token: string
    readonly realm: string
    readonly callerId: string | undefined
    readonly refusal?: Refusal
  },
): Promise<Answer> {
  const { callerId, frame, realm, refusal, token } = link
  const { account, usable } = await parts.recovery.inspect(token, [page.purpose], realm)
  if (!usable) return unusablePage(frame, page.unusable(frame))
  const { text, ...form } = page.view(frame, { account, callerId })
  const content = html`${text}
${renderForm(frame, {
  ...form,
  action: `${parts.path}/${page.name}`,
  fields: [],
  hidden: { token },
  faults: refusal?.faults ?? [],
})}`
  const failed = refusal !== undefined
  return pageAnswer(frame, { title: page.title(frame), content, failed }, refusal)
}

/** One page for every link that is used, expired, foreign or broken. It repeats nothing of it. */
export function unusablePage(frame: Frame, content: Html): Answer {
  const { status } = signUpErrors.$table.link_invalid
  return pageAnswer(frame, { title: frame.texts.unusableTitle, content, failed: true }, { status })
}
