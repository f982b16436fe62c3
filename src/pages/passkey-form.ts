import { z } from 'zod'
import { deviceOf, type Exchange, readJson, singleHeader } from '../http/index.ts'
import type { CredentialJson } from '../sign-in/index.ts'
import { type Field, renderFields, renderHidden } from './form.ts'
import { type Html, html, inlineScript } from './html.ts'
import type { Frame } from './layout.ts'
import { passkeyScript } from './passkey-script.ts'
import type { FormFault } from './refusal.ts'
import { fill } from './texts.ts'

/** A form that a passkey answers. */
export interface PasskeyForm {
  /** Whether a passkey is made or asked. */
  readonly kind: 'create' | 'get'
  readonly action: string
  /** Where the script fetches the options, by POST. */
  readonly options: string
  readonly button: string
  readonly hidden?: Readonly<Record<string, string | undefined>>
  readonly fields?: readonly Field[]
  readonly faults?: readonly FormFault[]
  /** Offers passkeys in the list of the field for the name, too. */
  readonly autofill?: boolean
  /** The way in beside another one: less weight, and not a word where there is no JavaScript. */
  readonly beside?: boolean
  /** Stands before the button. */
  readonly extra?: Html
}

/** What browsers send of a passkey: JSON in one field. Bounded like any form. */
export const credentialField = z.string().default('')

/** The form with its status line, and behind it the script, which must stand on a page once only. */
export function renderPasskeyForm(frame: Frame, form: PasskeyForm): Html {
  const { passkey: words } = frame.texts
  const { beside } = form
  return html`${
    beside &&
    html`<p class="or" data-passkey-near hidden>${words.or}</p>
`
  }<form method="post" action="${form.action}" data-passkey="${form.kind}" data-options="${form.options}"${form.autofill && html` data-autofill`} data-working="${words.working}" data-failed="${words.failed}" data-known="${words.known}"${!beside && html` data-cannot="${words.cannot}"`}>
${renderFields(frame, form.fields ?? [], form.faults)}
${renderHidden(frame, { ...form.hidden, response: '' })}${form.extra}<button type="button" hidden${beside && html` class="plain"`}>${form.button}</button>
<p class="about" role="status" data-passkey-status hidden></p>
${!beside && html`<noscript><p class="fault">${words.noScript}</p></noscript>`}
</form>`
}

export function renderPasskeyScript({ nonce }: Frame): Html {
  return inlineScript(passkeyScript, nonce)
}

/** `Chrome on Linux`: what a passkey is called that nobody gave a name. Undefined where nothing says. */
export function browserName({ texts }: Frame, { headers }: Exchange): string | undefined {
  const { browser, system } = deviceOf(singleHeader(headers, 'user-agent') ?? null)
  if (browser && system) return fill(texts.account.on, { browser, system })
  return browser ?? system
}

/** What a passkey answered, as the rooms take it. Whatever is no JSON object is an answer without content. */
export function readCredential(text: string): CredentialJson {
  const read = readJson(Buffer.from(text.toWellFormed(), 'utf8'))
  const isObject = read.ok && typeof read.value === 'object' && read.value !== null
  return isObject && !Array.isArray(read.value) ? (read.value as CredentialJson) : {}
}
