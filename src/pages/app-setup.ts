import type { TotpSetup } from '../factors/index.ts'
import { isSixDigits } from './code-form.ts'
import { renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { renderQr } from './qr.ts'
import type { FormFault } from './refusal.ts'
import { fill } from './texts.ts'

/** The form for the first code of an authenticator app. */
export interface AppCodeForm {
  readonly action: string
  readonly hidden?: Readonly<Record<string, string | undefined>>
  readonly faults?: readonly FormFault[]
}

/**
 * The secret, as a picture and as a key, with the form for the first code. After a wrong one it stands
 * there still, with what is most often wrong, the clock of the telephone.
 */
export function renderAppSetup(frame: Frame, setup: TotpSetup, form: AppCodeForm): Html {
  const { setUp: words } = frame.texts
  const account = accountOf(setup.otpauthUrl)
  return html`<p>${words.scan}</p>
${renderQr(setup.qrSvg, words.qrName)}
<p class="about">${words.manual}</p>
<p class="key"><code>${setup.manualEntry}</code></p>
<p class="about">${fill(words.manualKind, { account })}</p>
<p class="about"><a href="${setup.otpauthUrl}">${words.openApp}</a></p>
<p class="then">${words.enter}</p>
${renderCodeForm(frame, form)}
${renderClock(frame, form.faults !== undefined)}`
}

/** Once more: with the secret while it waits for whoever set it up, else without. */
export function renderAppAgain(
  frame: Frame,
  setup: TotpSetup | undefined,
  form: AppCodeForm,
): Html {
  if (setup) return renderAppSetup(frame, setup, form)
  return html`${renderCodeForm(frame, form)}
${renderClock(frame, form.faults !== undefined)}`
}

/** What was wrong with the code of an app that is being set up. */
export function appCodeFaults({ texts }: Frame, code: string): readonly FormFault[] {
  const { again, wrong } = texts.setUp
  const text = isSixDigits(code) ? `${wrong} ${again}` : texts.secondStep.malformed
  return [{ field: 'code', text }]
}

function renderCodeForm(frame: Frame, { action, faults = [], hidden = {} }: AppCodeForm): Html {
  const { setUp: words } = frame.texts
  return renderForm(frame, {
    ...{ action, faults, hidden, button: words.action },
    summary: faults.some(({ field }) => field === undefined),
    fields: [
      {
        ...{ name: 'code', label: words.code, hint: words.codeHint, type: 'text' },
        ...{ autocomplete: 'one-time-code', code: 'digits' },
        focus: faults.some(({ field }) => field === 'code'),
      },
    ],
  })
}

/** The usual reason for wrong codes, and what mends it. */
export function renderClock({ texts }: Frame, open: boolean): Html {
  const { clock, clockTitle } = texts.setUp
  return html`<details${open && html` open`}>
<summary>${clockTitle}</summary>
<p>${clock}</p>
</details>`
}

/** The label of the address without the name of the product (Key Uri Format): what the app shows. */
function accountOf(otpauthUrl: string): string {
  const label = decodeURIComponent(new URL(otpauthUrl).pathname)
  return label.slice(label.lastIndexOf(':') + 1)
}
