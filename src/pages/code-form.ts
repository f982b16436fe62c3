import type { FactorMethod } from '../assurance/index.ts'
import { type Field, renderFaults, renderForm } from './form.ts'
import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import { renderPasskeyForm, renderPasskeyScript } from './passkey-form.ts'
import type { FormFault, Refusal } from './refusal.ts'
import { fill } from './texts.ts'

/** The ways to prove a second factor, on one page. */
export interface Proofs {
  readonly methods: readonly FactorMethod[]
  /** What was tried last. */
  readonly tried?: FactorMethod | undefined
  readonly faults: readonly FormFault[]
  /** Why it is asked for; for the second step of a sign-in unless said otherwise. */
  readonly intro?: string
  /** Where each form posts to; `method` says which it is. */
  readonly action: string
  /** Where the script fetches the options of a passkey. */
  readonly options: string
  readonly hidden: Readonly<Record<string, string | undefined>>
  /** That a code of the app was wrong before; its form says so to the server. */
  readonly missed?: string | undefined
  /** Stands in the form of the first method. */
  readonly extra?: Html | undefined
}

/**
 * A form for each method: the first one open, recovery codes folded away unless they are all there is.
 * The order is fixed: what needs no script comes first.
 */
export function renderProofs(frame: Frame, proofs: Proofs): Html {
  const { methods } = proofs
  const { secondStep: words } = frame.texts
  const has = (method: FactorMethod) => methods.includes(method)
  const intro = has('totp')
    ? fill(words.intro, { app: frame.appName })
    : has('passkey')
      ? words.introPasskey
      : words.introRecovery
  return html`${renderFaults(frame, [], generalFaults(proofs))}
<p class="intro">${proofs.intro ?? intro}</p>
${has('totp') && renderCode(frame, proofs)}
${has('passkey') && renderPasskey(frame, proofs)}
${has('recovery_code') && renderRecovery(frame, proofs)}
${has('passkey') && renderPasskeyScript(frame)}`
}

/**
 * One message for whatever was wrong, beside the field that was used. What is no code of six digits is
 * told so: whoever typed it can see that herself.
 */
export function rejectedFaults(
  { texts }: Frame,
  { code, method }: { readonly method: FactorMethod; readonly code: string },
): readonly FormFault[] {
  if (method === 'passkey') return [{ text: texts.passkey.refused }]
  const { malformed, recoveryWrong, wrong } = texts.secondStep
  if (method === 'recovery_code') return [{ field: 'code', text: recoveryWrong }]
  return [{ field: 'code', text: isSixDigits(code) ? wrong : malformed }]
}

/** Spaces are what apps write between digits. */
export function isSixDigits(code: string): boolean {
  return /^\d{6}$/.test(code.replaceAll(' ', ''))
}

/** A passkey that signs nobody in, whatever the reason. */
export function passkeyRefused({ texts }: Frame): Refusal {
  return { status: 401, headers: {}, faults: [{ text: texts.passkey.refused }] }
}

/** The code of an authenticator app. */
export function totpField({ texts }: Frame): Field {
  return {
    ...{ name: 'code', label: texts.secondStep.code, hint: texts.secondStep.codeHint },
    ...{ type: 'text', autocomplete: 'one-time-code', code: 'digits' },
  }
}

function recoveryField({ texts }: Frame): Field {
  const { recoveryCode, recoveryHint } = texts.secondStep
  return {
    ...{ name: 'code', id: 'recovery-code', label: recoveryCode, hint: recoveryHint },
    ...{ type: 'text', autocomplete: 'off', code: 'mixed' },
  }
}

/** What no field says: a field with a fault has the focus, and its fault is read with it. */
function generalFaults({ faults }: Proofs): readonly FormFault[] {
  return faults.filter(({ field }) => field === undefined)
}

function renderCode(frame: Frame, { action, extra, faults, hidden, missed, tried }: Proofs): Html {
  const own = tried === 'totp' ? faults : []
  return renderForm(frame, {
    ...{ action, button: frame.texts.secondStep.action },
    fields: [{ ...totpField(frame), focus: faults.length === 0 || own.length > 0 }],
    ...{ faults: own, summary: false },
    hidden: { ...hidden, missed, method: 'totp' },
    ...(extra ? { extra } : {}),
  })
}

function renderPasskey(frame: Frame, proofs: Proofs): Html {
  const { action, extra, hidden, methods, options } = proofs
  const beside = methods.includes('totp')
  return renderPasskeyForm(frame, {
    ...{ kind: 'get', action, options, beside, button: frame.texts.passkey.use },
    hidden: { ...hidden, method: 'passkey' },
    ...(extra && !beside ? { extra } : {}),
  })
}

function renderRecovery(frame: Frame, proofs: Proofs): Html {
  const { action, faults, hidden, methods, tried } = proofs
  const { secondStep: words } = frame.texts
  const isTried = tried === 'recovery_code'
  const form = renderForm(frame, {
    ...{ action, button: words.recoveryAction, look: 'plain' },
    fields: [{ ...recoveryField(frame), focus: isTried && faults.length > 0 }],
    ...{ faults: isTried ? faults : [], summary: false },
    hidden: { ...hidden, method: 'recovery_code' },
  })
  if (methods.length === 1) return form
  return html`<details${isTried && faults.length > 0 && html` open`}>
<summary>${words.recovery}</summary>
${form}
</details>`
}
