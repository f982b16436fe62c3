import type { ZodError } from 'zod'
import { SecurityError, toProblem } from '../errors/index.ts'
import { fill, type PageTexts } from './texts.ts'

/** Something wrong with a form: with one of its fields, or with the whole. */
export interface FormFault {
  readonly field?: string
  readonly text: string
}

/** Why a form was not taken, as its page shows it. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly faults: readonly FormFault[]
}

/**
 * Reads a refusal of a room as faults of a form with these fields. Whatever is no expected refusal
 * is thrown again and becomes a page of its own.
 */
export function refusalOf(error: unknown, fields: readonly string[], texts: PageTexts): Refusal {
  if (!(error instanceof SecurityError) || error.status === 500) throw error
  // Not a fault of the form: it becomes the page that leads to the proof.
  if (error.code === 'step_up_required') throw error
  const { 'content-type': _, ...headers } = toProblem(error).headers as Record<string, string>
  const faults = (error.extras.faults ?? []).map(({ code, detail, pointer }) => {
    const name = pointer.replace('#/body/', '')
    const text = texts.faults[code] ?? detail
    return fields.includes(name) ? { field: name, text } : { text }
  })
  if (faults.length > 0) return { status: error.status, headers, faults }
  return { status: error.status, headers, faults: [wholeFault(error, fields, texts)] }
}

/** Codes that speak of a field without saying so. */
const fieldOfCode: Readonly<Record<string, string>> = {
  username_taken: 'username',
  password_required: 'password',
  password_wrong: 'currentPassword',
  password_unchanged: 'password',
  email_unchanged: 'email',
  factor_rejected: 'code',
}

function wholeFault(error: SecurityError, fields: readonly string[], texts: PageTexts): FormFault {
  const { retryAfter } = error.extras
  const said = texts.faults[error.code] ?? error.detail
  const text =
    retryAfter === undefined
      ? said
      : `${said} ${fill(texts.wait, { time: durationText(retryAfter, texts.language) })}`
  const field = fieldOfCode[error.code]
  return field !== undefined && fields.includes(field) ? { field, text } : { text }
}

/** Faults of a form whose values do not even have the right shape. */
export function shapeRefusal(
  error: ZodError,
  values: Readonly<Record<string, string | undefined>>,
  texts: PageTexts,
): Refusal {
  const faults = error.issues.map(({ path: [name] }) => ({
    field: String(name),
    text: values[String(name)] ? texts.tooLong : texts.required,
  }))
  return { status: 400, headers: {}, faults }
}

/** `45 seconds`, `3 minutes`, `2 hours`; never less than it is. */
export function durationText(seconds: number, language: string): string {
  const [unit, size] =
    seconds <= 90 ? ['second', 1] : seconds <= 5_400 ? ['minute', 60] : ['hour', 3_600]
  const format = { style: 'unit', unit, unitDisplay: 'long' } as Intl.NumberFormatOptions
  return new Intl.NumberFormat(language, format).format(Math.ceil(seconds / Number(size)))
}
