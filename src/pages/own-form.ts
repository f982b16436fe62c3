import { z } from 'zod'
import {
  type Answer,
  type Auth,
  type Call,
  type Exchange,
  type Route,
  route,
} from '../http/index.ts'
import { demandFreshProof } from '../shield/index.ts'
import { findUserById, type UserRow } from '../users/index.ts'
import { callerOf, goneSession } from './caller.ts'
import { type Form, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import { localPath, nextQuery, withNext } from './next.ts'
import { type AccountPageParts, frameOf, freshness } from './parts.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'

/** What was typed, by the name of the field. */
export type Typed = Readonly<Record<string, string>>

/** What such a page knows of her who looks at it. */
export interface OwnView {
  readonly frame: Frame
  readonly row: UserRow
  readonly values: Typed
}

/** Where somebody wants to go afterwards who was sent here; a path of this site. */
export interface Onward {
  readonly next: string | undefined
}

/** A call of somebody who is signed in, with the fields of the form. */
export interface OwnCall<Values> extends Onward {
  readonly auth: Auth
  readonly exchange: Exchange
  readonly frame: Frame
  readonly values: Values
}

/**
 * A page of somebody who is signed in, for what a session alone may not do: its form asks for the
 * current password, and the room that does the work proves it; or the page stands behind a fresh proof.
 */
export interface OwnForm<Schema extends z.ZodObject> {
  /** Last segment of its address. */
  readonly name: string
  /** For OpenAPI: what the form does. */
  readonly summary: string
  /** Behind a fresh proof. Else one is asked for only where a second factor is enrolled. */
  readonly stepUp?: true
  /** Also for whoever is below the level that policy demands, and gets there by this page. */
  readonly anyLevel?: true
  /** Status and description of success. */
  readonly success: readonly [status: 200 | 202 | 303, description: string]
  /** The fields and their bounds, each a text. */
  readonly schema: Schema
  readonly title: (frame: Frame) => string
  /** What stands above the form. */
  readonly intro: (view: OwnView) => Html
  readonly form: (view: OwnView) => Pick<Form, 'button' | 'fields' | 'look'>
  /** What stands there instead, where it cannot be done. */
  readonly instead?: (call: Pick<OwnCall<unknown>, 'auth' | 'frame'>) => Promise<Html | undefined>
  /** Throws what a room refuses; it becomes the form again. */
  readonly act: (call: OwnCall<z.output<Schema>>) => Promise<Answer>
}

/** GET shows the form, POST does it. */
export function ownForm<Schema extends z.ZodObject>(
  parts: AccountPageParts,
  page: OwnForm<Schema>,
): readonly Route[] {
  const path = `${parts.path}/${page.name}`
  const [status, description] = page.success
  return [
    route({
      method: 'GET',
      path,
      kind: 'page',
      summary: `Page: the form of ${page.name}`,
      policy: policyOf(page),
      ...(page.stepUp ? { stepUp: page.stepUp } : {}),
      query: nextQuery,
      responses: { 200: { description: 'The form' } },
      handle: async (call) => showForm(parts, page, { ...call, values: {} }),
    }),
    route({
      method: 'POST',
      path,
      kind: 'page',
      summary: page.summary,
      policy: policyOf(page),
      ...(page.stepUp ? { stepUp: page.stepUp } : {}),
      query: nextQuery,
      body: typedForm(page.schema),
      responses: { [status]: { description }, 400: { description: 'The form again' } },
      handle: async (call) => submit(parts, page, call),
    }),
  ]
}

function policyOf({ anyLevel }: { readonly anyLevel?: true }) {
  return { kind: 'signed-in', ...(anyLevel ? { anyLevel } : {}) } as const
}

/** `next` of the address, if it is a path of this site. */
export function onward(
  { baseUrl, path }: AccountPageParts,
  { query }: { readonly query: z.output<typeof nextQuery> },
): Onward {
  const { next } = query
  return { next: next === undefined ? undefined : localPath(next, path, baseUrl) }
}

/** Texts of any length: bounds are judged with the form, so that it comes back with what was typed. */
function typedForm(schema: z.ZodObject) {
  const names = Object.keys(schema.shape)
  const texts = names.map((name) => [name, z.string().default('')] as const)
  return z.strictObject({ ...Object.fromEntries(texts), _csrf: z.string().optional() })
}

async function submit<Schema extends z.ZodObject>(
  parts: AccountPageParts,
  page: OwnForm<Schema>,
  call: Call<Readonly<Record<string, string | undefined>>, z.output<typeof nextQuery>>,
): Promise<Answer> {
  const { exchange } = call
  const frame = frameOf(parts, exchange)
  const { _csrf, ...values } = call.body as Record<string, string>
  const again = (refusal: Refusal) => showForm(parts, page, { ...call, values, refusal })
  const given = page.schema.safeParse(values)
  if (!given.success) return again(shapeRefusal(given.error, values, frame.texts))
  try {
    const { next } = onward(parts, call)
    return await page.act({ auth: callerOf(call), exchange, frame, next, values: given.data })
  } catch (error) {
    return again(refusalOf(error, Object.keys(values), frame.texts))
  }
}

async function showForm<Schema extends z.ZodObject>(
  parts: AccountPageParts,
  page: OwnForm<Schema>,
  call: Pick<Call, 'auth' | 'exchange'> & {
    readonly query: z.output<typeof nextQuery>
    readonly values: Typed
    readonly refusal?: Refusal
  },
): Promise<Answer> {
  const { refusal, values } = call
  const auth = callerOf(call)
  // Asked for before anything is typed, which would be lost on the way there and back.
  if (auth.secondFactor) demandFreshProof(auth, freshness(parts))
  const frame = frameOf(parts, call.exchange)
  const row = await findUserById(parts.database.reader, auth.userId)
  if (!row) throw goneSession()
  const view = { frame, row, values }
  const instead = await page.instead?.({ auth, frame })
  const form = () => html`${page.intro(view)}
${renderForm(frame, {
  ...page.form(view),
  action: withNext(`${parts.path}/${page.name}`, onward(parts, call).next),
  ...(page.stepUp ? {} : { username: row.email }),
  faults: refusal?.faults ?? [],
})}`
  const content = html`${instead ?? form()}
<ul class="links"><li><a href="${parts.path}">${frame.texts.back}</a></li></ul>`
  const failed = refusal !== undefined
  return pageAnswer(frame, { title: page.title(frame), content, failed }, refusal)
}
