import { z } from 'zod'
import { enrolmentErrors, type PasskeyView } from '../enrolment/index.ts'
import { type Answer, type Call, originOf, type Route, route } from '../http/index.ts'
import { browserOf } from '../sessions/index.ts'
import { callerOf } from './caller.ts'
import { type Field, type Form, renderFaults, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer, seeOther } from './layout.ts'
import { whatHappens } from './link-pages.ts'
import { nextQuery, withNext } from './next.ts'
import { withNotice } from './notice.ts'
import { changed, isLastDemanded } from './own-app.ts'
import { type Onward, onward } from './own-form.ts'
import { type AccountPageParts, frameOf } from './parts.ts'
import {
  browserName,
  credentialField,
  readCredential,
  renderPasskeyForm,
  renderPasskeyScript,
} from './passkey-form.ts'
import { type Refusal, refusalOf, shapeRefusal } from './refusal.ts'
import { fill } from './texts.ts'

const idQuery = z.object({ id: z.string().default('') })
const idForm = z.strictObject({ id: z.string().default(''), _csrf: z.string().optional() })
const nameForm = idForm.extend({ name: z.string().default('') })
const addForm = z.strictObject({
  name: z.string().default(''),
  response: credentialField,
  _csrf: z.string().optional(),
})
/** As the API takes it. */
const shortName = z.object({ name: z.string().trim().min(1).max(100) })
const optionalName = z.object({ name: z.string().trim().max(100) })

const signedIn = { kind: 'signed-in' } as const
/** Whoever is below the level that policy demands gets there by a passkey. */
const belowLevel = { kind: 'signed-in', anyLevel: true } as const

/** The passkeys of an account: add, name, remove. */
export function ownPasskeyPages(parts: AccountPageParts): readonly Route[] {
  const path = `${parts.path}/passkeys`
  return [
    route({
      ...{ method: 'GET', path: `${path}/add`, kind: 'page', policy: belowLevel, stepUp: true },
      summary: 'Page: add a passkey',
      query: nextQuery,
      responses: { 200: { description: 'The form' } },
      handle: async (call) => {
        const name = browserName(frameOf(parts, call.exchange), call.exchange) ?? ''
        return showAdd(parts, call, { name, ...onward(parts, call) })
      },
    }),
    route({
      ...{ method: 'POST', path: `${path}/add`, kind: 'page', policy: belowLevel, stepUp: true },
      summary: 'Page: add what the authenticator made; your other sessions end',
      query: nextQuery,
      body: addForm,
      responses: { 303: { description: 'Added' }, 400: { description: 'The form again' } },
      handle: async (call) => add(parts, call),
    }),
    route({
      ...{ method: 'GET', path: `${path}/rename`, kind: 'page', policy: signedIn, stepUp: true },
      summary: 'Page: the form that names a passkey',
      query: idQuery,
      responses: { 200: { description: 'The form' } },
      problems: ['passkey_not_found'],
      handle: async (call) => showRename(parts, call, { id: call.query.id }),
    }),
    route({
      ...{ method: 'POST', path: `${path}/rename`, kind: 'page', policy: signedIn, stepUp: true },
      summary: 'Page: name a passkey',
      body: nameForm,
      responses: { 303: { description: 'Named' }, 400: { description: 'The form again' } },
      problems: ['passkey_not_found'],
      handle: async (call) => rename(parts, call),
    }),
    route({
      ...{ method: 'GET', path: `${path}/remove`, kind: 'page', policy: signedIn, stepUp: true },
      summary: 'Page: what removing a passkey does',
      query: idQuery,
      responses: { 200: { description: 'The form' } },
      problems: ['passkey_not_found'],
      handle: async (call) => showRemove(parts, call, { id: call.query.id }),
    }),
    route({
      ...{ method: 'POST', path: `${path}/remove`, kind: 'page', policy: signedIn, stepUp: true },
      summary: 'Page: take a passkey away; your other sessions end',
      body: idForm,
      responses: { 303: { description: 'Away' }, 409: { description: 'The form again' } },
      problems: ['passkey_not_found'],
      handle: async (call) => remove(parts, call),
    }),
  ]
}

type Caller = Pick<Call, 'auth' | 'exchange'>

/** Which passkey a form is about, and what was wrong with it. */
interface About {
  readonly id: string
  readonly refusal?: Refusal
}

function showAdd(
  parts: AccountPageParts,
  { exchange }: Caller,
  view: Onward & { readonly name: string; readonly refusal?: Refusal },
): Answer {
  const frame = frameOf(parts, exchange)
  const { passkeys: words, setUp } = frame.texts
  const { name, refusal } = view
  const field = { ...nameField(frame, name), optional: true }
  const faults = refusal?.faults ?? []
  const content = html`${renderFaults(frame, [field], faults)}
<p>${words.addIntro}</p>
<p class="intro">${setUp.effects}</p>
${renderPasskeyForm(frame, {
  ...{ kind: 'create', button: words.addAction },
  action: withNext(`${parts.path}/passkeys/add`, view.next),
  options: `${parts.authPath}/passkeys/options`,
  ...{ fields: [field], faults },
})}
${renderBack(parts, frame)}
${renderPasskeyScript(frame)}`
  const failed = refusal !== undefined
  return pageAnswer(frame, { title: words.addTitle, content, failed }, refusal)
}

async function add(
  parts: AccountPageParts,
  call: Call<z.output<typeof addForm>, z.output<typeof nextQuery>>,
): Promise<Answer> {
  const { body, exchange } = call
  const frame = frameOf(parts, exchange)
  const { next } = onward(parts, call)
  const again = (refusal: Refusal) => showAdd(parts, call, { name: body.name, next, refusal })
  const given = optionalName.safeParse(body)
  if (!given.success) return again(shapeRefusal(given.error, body, frame.texts))
  try {
    const browser = browserOf(exchange, parts.cookies)
    if (browser === undefined) throw enrolmentErrors.passkey_rejected()
    const { recoveryCodes: codes, secret } = await parts.enrolment.addPasskey({
      ...{ auth: callerOf(call), origin: originOf(exchange), browser },
      response: readCredential(body.response),
      name: given.data.name || browserName(frame, exchange),
    })
    return changed(parts, frame, { secret, codes, notice: 'passkey-added', next })
  } catch (error) {
    return again(refusalOf(error, ['name'], frame.texts))
  }
}

/** Throws `passkey_not_found` for one that is somebody else's, or nobody's. */
async function ownPasskey(parts: AccountPageParts, call: Caller, id: string): Promise<PasskeyView> {
  const { passkeys } = await parts.enrolment.overview(callerOf(call))
  const own = passkeys.find((one) => one.id === id)
  if (!own) throw enrolmentErrors.passkey_not_found()
  return own
}

async function showRename(
  parts: AccountPageParts,
  call: Caller,
  about: About & { readonly typed?: string },
): Promise<Answer> {
  const frame = frameOf(parts, call.exchange)
  const { passkeys: words } = frame.texts
  const { name } = await ownPasskey(parts, call, about.id)
  return showOwn(parts, frame, about, {
    ...{ title: words.renameTitle, intro: html`<p>${fill(words.renameIntro, { name })}</p>` },
    form: { button: words.renameAction, fields: [nameField(frame, about.typed ?? name)] },
    action: 'rename',
  })
}

async function rename(
  parts: AccountPageParts,
  call: Call<z.output<typeof nameForm>>,
): Promise<Answer> {
  const { body, exchange } = call
  const { texts } = frameOf(parts, exchange)
  const given = shortName.safeParse(body)
  if (!given.success) {
    const refusal = shapeRefusal(given.error, { name: body.name.trim() }, texts)
    return showRename(parts, call, { id: body.id, typed: body.name, refusal })
  }
  const request = { auth: callerOf(call), origin: originOf(exchange), id: body.id }
  await parts.enrolment.renamePasskey({ ...request, name: given.data.name })
  return seeOther(withNotice(parts.path, 'passkey-renamed'))
}

async function showRemove(parts: AccountPageParts, call: Caller, about: About): Promise<Answer> {
  const frame = frameOf(parts, call.exchange)
  const { passkeys: words } = frame.texts
  const { name } = await ownPasskey(parts, call, about.id)
  if (isLastDemanded(await parts.enrolment.overview(callerOf(call)))) {
    return showLast(parts, frame, name, about.refusal)
  }
  return showOwn(parts, frame, about, {
    title: words.removeTitle,
    intro: whatHappens(fill(words.removeIntro, { name }), words.removeEffects),
    form: { button: words.removeAction, fields: [], look: 'danger' },
    action: 'remove',
  })
}

/** What is demanded stays: said before there is a button to press. */
function showLast(
  parts: AccountPageParts,
  frame: Frame,
  name: string,
  refusal: Refusal | undefined,
): Answer {
  const { factors, passkeys: words } = frame.texts
  const content = html`<p>${fill(words.last, { name })}</p>
<p><a class="button" href="${parts.path}/passkeys/add">${factors.addPasskey}</a></p>
${renderBack(parts, frame)}`
  return pageAnswer(
    frame,
    { title: words.removeTitle, content, failed: refusal !== undefined },
    refusal,
  )
}

async function remove(
  parts: AccountPageParts,
  call: Call<z.output<typeof idForm>>,
): Promise<Answer> {
  const { body, exchange } = call
  const frame = frameOf(parts, exchange)
  await ownPasskey(parts, call, body.id)
  try {
    const request = { auth: callerOf(call), origin: originOf(exchange), id: body.id }
    const { secret } = await parts.enrolment.removePasskey(request)
    return changed(parts, frame, { secret, notice: 'passkey-removed' })
  } catch (error) {
    return showRemove(parts, call, { id: body.id, refusal: refusalOf(error, [], frame.texts) })
  }
}

function showOwn(
  parts: AccountPageParts,
  frame: Frame,
  { id, refusal }: About,
  page: {
    readonly title: string
    readonly intro: Html
    readonly form: Pick<Form, 'button' | 'fields' | 'look'>
    readonly action: string
  },
): Answer {
  // With the id, so that whoever has to prove herself first comes back to this page.
  const action = `${parts.path}/passkeys/${page.action}?id=${encodeURIComponent(id.toWellFormed())}`
  const faults = refusal?.faults ?? []
  const content = html`${page.intro}
${renderForm(frame, { ...page.form, action, faults, hidden: { id } })}
${renderBack(parts, frame)}`
  const failed = refusal !== undefined
  return pageAnswer(frame, { title: page.title, content, failed }, refusal)
}

function nameField({ texts }: Frame, value: string): Field {
  const { name: label, nameHint: hint } = texts.passkeys
  return { name: 'name', label, hint, value, type: 'text', autocomplete: 'off' }
}

function renderBack({ path }: AccountPageParts, { texts }: Frame): Html {
  return html`<ul class="links"><li><a href="${path}">${texts.back}</a></li></ul>`
}
