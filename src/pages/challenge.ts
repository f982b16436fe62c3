import { captchaScript, captchaWidgets, type ThirdPartyName } from '../captcha/index.ts'
import { type Html, html, inlineScript } from './html.ts'
import type { Frame } from './layout.ts'
import { fill } from './texts.ts'

/** A challenge as a provider gives it to clients. */
export type Challenge = Readonly<Record<string, unknown>>

/** What the challenge puts into a form and behind it. */
export interface ChallengeView {
  /** Says why the password is asked for again. */
  readonly intro: Html
  /** Into the form, before its button: the field that the script fills, and the widget if there is one. */
  readonly field: Html
  /** Behind the form. */
  readonly script: Html
}

/** How providers are called by people. */
const providerNames: Readonly<Record<ThirdPartyName, string>> = {
  turnstile: 'Cloudflare Turnstile',
  hcaptcha: 'hCaptcha',
  recaptcha: 'Google reCAPTCHA',
}

/**
 * Shows a challenge by the form contract of the room captcha. Our own solves itself while the password
 * is typed; a third party's is a widget of theirs. `refresh` is where a new challenge is fetched.
 */
export function renderChallenge(
  frame: Frame,
  challenge: Challenge,
  refresh: string,
): ChallengeView {
  const { signIn: words } = frame.texts
  const name = thirdPartyOf(challenge)
  const intro =
    name === undefined
      ? words.challenge
      : fill(words.challengeThirdParty, { provider: providerNames[name] })
  return {
    intro: html`<p>${intro}</p>`,
    field: html`<div class="challenge" data-captcha="${JSON.stringify(challenge)}" data-refresh="${refresh}" data-working="${words.challengeWorking}" data-done="${words.challengeReady}" data-failed="${words.challengeFailed}">
<input type="hidden" name="captcha" value="">
${name !== undefined && renderWidget(name, challenge)}
<p class="about" role="status" data-captcha-status></p>
<noscript><p class="fault">${words.challengeNoScript}</p></noscript>
</div>
`,
    script: html`${inlineScript(captchaScript, frame.nonce)}
${name !== undefined && renderLoader(name, frame.nonce)}`,
  }
}

function thirdPartyOf({ provider }: Challenge): ThirdPartyName | undefined {
  return typeof provider === 'string' && Object.hasOwn(captchaWidgets, provider)
    ? (provider as ThirdPartyName)
    : undefined
}

function renderWidget(name: ThirdPartyName, { siteKey }: Challenge): Html {
  const { attributes, className } = captchaWidgets[name]
  const callback = (key: string) => attributes[key] ?? ''
  return html`<div class="${className}" data-sitekey="${String(siteKey)}" data-callback="${callback('data-callback')}" data-expired-callback="${callback('data-expired-callback')}" data-error-callback="${callback('data-error-callback')}"></div>`
}

function renderLoader(name: ThirdPartyName, nonce: string | undefined): Html {
  const attribute = nonce !== undefined && html` nonce="${nonce}"`
  return html`<script src="${captchaWidgets[name].script}" async defer${attribute} data-captcha-loader></script>`
}
