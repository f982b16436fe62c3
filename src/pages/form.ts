import { type Html, html } from './html.ts'
import type { Frame } from './layout.ts'
import type { FormFault } from './refusal.ts'

export interface Field {
  readonly name: string
  /** Where forms of one page share names; the name unless said otherwise. */
  readonly id?: string
  readonly label: string
  readonly type: 'text' | 'email' | 'password'
  /** WHATWG token, so that browsers and password managers can help. */
  readonly autocomplete: string
  readonly optional?: boolean
  readonly hint?: string
  /** What was typed before; never a password. */
  readonly value?: string | undefined
  /** Where to begin; the summary of faults comes before it. */
  readonly focus?: boolean
  /** A code, to be typed as it is: one of digits, or one of letters and digits. */
  readonly code?: 'digits' | 'mixed'
}

export interface Form {
  readonly action: string
  readonly button: string
  readonly fields: readonly Field[]
  readonly hidden?: Readonly<Record<string, string | undefined>>
  readonly faults?: readonly FormFault[]
  /** False where the page has the summary of all its forms. */
  readonly summary?: boolean
  /** A button of less weight, or one that warns. */
  readonly look?: 'plain' | 'danger'
  /** Whose password is typed here, so that a password manager keeps it with the right account. */
  readonly username?: string
  /** Stands between the fields and the button. */
  readonly extra?: Html
}

/**
 * A form that posts, with what was wrong with it above and beside the fields. The summary takes the
 * focus without a script, so keyboard and screen reader begin where the trouble is.
 */
export function renderForm(frame: Frame, form: Form): Html {
  const { faults = [], fields, look, summary = true } = form
  return html`${summary && renderFaults(frame, fields, faults)}
<form method="post" action="${form.action}">
${form.username !== undefined && renderUsername(form.username)}${renderFields(frame, fields, faults)}
${renderHidden(frame, form.hidden ?? {})}${form.extra}<button${look && html` class="${look}"`}>${form.button}</button>
</form>`
}

/** Not shown and, having no name, not sent. */
function renderUsername(username: string): Html {
  return html`<input type="text" autocomplete="username" value="${username}" readonly hidden>
`
}

/** Hidden fields, with the CSRF token of the session where there is one. */
export function renderHidden(
  frame: Frame,
  values: Readonly<Record<string, string | undefined>>,
): Html[] {
  return Object.entries({ ...values, _csrf: frame.csrf }).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}">`],
  )
}

/** Fields alone, for forms of another kind. */
export function renderFields(
  frame: Frame,
  fields: readonly Field[],
  faults: readonly FormFault[] = [],
): Html[] {
  return fields.map((field) => renderField(frame, field, faults))
}

function renderField({ texts }: Frame, field: Field, faults: readonly FormFault[]): Html {
  const {
    autocomplete,
    code,
    focus,
    hint,
    id = field.name,
    label,
    name,
    optional,
    type,
    value,
  } = field
  const own = faults.filter((fault) => fault.field === name)
  const described = [...own.map((_, at) => `${id}-fault-${at}`), ...(hint ? [`${id}-hint`] : [])]
  const verbatim = code !== undefined || isName(field)
  return html`<div class="field">
<label for="${id}">${label}${optional && html` <span class="optional">(${texts.optional})</span>`}</label>
<input id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}"
${!optional && html` required`}${focus && html` autofocus`}${verbatim && html` autocapitalize="none" spellcheck="false"`}${code === 'digits' && html` inputmode="numeric"`}${
  type !== 'password' && html` value="${value ?? ''}"`
}${own.length > 0 && html` aria-invalid="true"`}${
  described.length > 0 && html` aria-describedby="${described.join(' ')}"`
}>
${own.map((fault, at) => html`<p class="fault" id="${id}-fault-${at}">${fault.text}</p>`)}
${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
</div>`
}

function isName({ autocomplete, type }: Field): boolean {
  return type === 'text' && autocomplete.split(' ').includes('username')
}

function reasonsOf(name: string, faults: readonly FormFault[]): string {
  const own = faults.filter(({ field }) => field === name)
  return own.map(({ text }) => text).join(' ')
}

/** What was wrong, above everything else; nothing where nothing was. */
export function renderFaults(
  { texts }: Frame,
  fields: readonly Field[],
  faults: readonly FormFault[],
): Html | false {
  if (faults.length === 0) return false
  const general = faults.filter((fault) => fault.field === undefined)
  const faulty = fields.filter(({ name }) => faults.some((fault) => fault.field === name))
  return html`<div class="summary" role="alert" tabindex="-1" autofocus>
${general.map(({ text }) => html`<p>${text}</p>`)}
${
  faulty.length > 0 &&
  html`<p><strong>${texts.summary}</strong></p>
<ul>${faulty.map(({ id, label, name }) => html`<li><a href="#${id ?? name}">${label}</a>: ${reasonsOf(name, faults)}</li>`)}</ul>`
}
</div>`
}
