import type { Answer } from '../http/index.ts'
import { type Challenge, renderChallenge } from './challenge.ts'
import { type Field, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import { type Frame, pageAnswer } from './layout.ts'
import type { AccountPageParts } from './parts.ts'
import { renderPasskeyForm, renderPasskeyScript } from './passkey-form.ts'
import type { Refusal } from './refusal.ts'

export interface SignInView {
  readonly identifier: string
  readonly next: string
  readonly notice?: string | undefined
  readonly refusal?: Refusal
  /** To be solved with the next attempt. */
  readonly challenge?: Challenge | undefined
}

/** The page of sign-in. What was typed comes back but for the password: a page never holds one. */
export function showSignIn(parts: AccountPageParts, frame: Frame, view: SignInView): Answer {
  const { path } = parts
  const { passkey, signIn: words } = frame.texts
  const challenge = view.challenge && renderChallenge(frame, view.challenge, parts.captchaPath)
  const form = renderForm(frame, {
    action: `${path}/sign-in`,
    button: words.action,
    fields: signInFields(frame, view),
    hidden: { next: view.next },
    faults: view.refusal?.faults ?? [],
    ...(challenge ? { extra: challenge.field } : {}),
  })
  const byPasskey = renderPasskeyForm(frame, {
    ...{ kind: 'get', action: `${path}/sign-in/passkey`, button: passkey.signIn },
    options: `${parts.authPath}/login/passkey/options`,
    hidden: { next: view.next },
    ...{ autofill: true, beside: true },
  })
  const content = html`${challenge?.intro}
${form}
${byPasskey}
${renderLinks(parts, frame)}${challenge?.script}${renderPasskeyScript(frame)}`
  const failed = view.refusal !== undefined
  const title = challenge && !failed ? words.challengeTitle : words.title
  const page = { title, content, failed, notice: view.notice }
  const { nonce } = frame
  const headers = challenge && nonce !== undefined ? parts.challengeHeaders?.(nonce) : undefined
  const answer = {
    status: view.refusal?.status ?? 200,
    headers: { ...view.refusal?.headers, ...headers },
  }
  return pageAnswer(frame, page, answer)
}

function renderLinks({ path, registration }: AccountPageParts, { texts }: Frame): Html {
  const { signIn: words } = texts
  return html`<ul class="links">
<li><a href="${path}/forgot">${words.forgot}</a></li>
${registration === 'open' && html`<li><a href="${path}/register">${words.register}</a></li>`}
<li><a href="${path}/resend">${words.resend}</a></li>
</ul>`
}

function signInFields({ texts }: Frame, view: SignInView): readonly Field[] {
  const { fields } = texts
  const asksAgain = view.challenge !== undefined && view.refusal === undefined
  return [
    {
      ...{ name: 'identifier', label: fields.identifier, type: 'text' },
      ...{ autocomplete: 'username webauthn', value: view.identifier },
    } as const,
    {
      ...{ name: 'password', label: fields.password, type: 'password' },
      ...{ autocomplete: 'current-password', focus: asksAgain },
    } as const,
  ]
}
