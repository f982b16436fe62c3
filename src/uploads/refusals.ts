import { type FieldFault, SecurityError } from '../errors/index.ts'
import { pointerStep } from '../http/index.ts'
import { uploadErrors } from './errors.ts'

const { $table, ...factories } = uploadErrors
type UploadCode = keyof typeof factories

/** What is wrong with a field of a form. */
const fieldTexts = {
  unknown_field: 'This field is not known here.',
  duplicate_key: 'This field was sent more than once.',
  not_a_file: 'This field takes a file and was sent as text.',
  not_a_text: 'This field takes text and was sent as a file.',
  forbidden_character: 'This text is no UTF-8, or holds a NUL character.',
} as const

/** The form is refused for this field, which it names as it was sent: shortened, and escaped as pointers are. */
export function fieldRefused(name: string, fault: keyof typeof fieldTexts): SecurityError {
  return uploadErrors.multipart_invalid({
    faults: [{ ...placeOf(name), code: fault, detail: fieldTexts[fault] }],
  })
}

/** A refusal by its own code, with the field that it is about. `reason` is for the log alone. */
export function refusedAt(name: string, code: UploadCode, reason?: string): SecurityError {
  return factories[code]({
    faults: [{ ...placeOf(name), code, detail: $table[code].detail }],
    ...(reason === undefined ? {} : { cause: new Error(reason) }),
  })
}

function placeOf(name: string): Pick<FieldFault, 'pointer'> {
  return { pointer: `#/body/${pointerStep(name)}` }
}

/** Every refusal before the end leaves bytes on their way, so the connection cannot be used again. */
export function withoutRest(error: unknown): unknown {
  if (!isRefusal(error)) return error
  return factories[error.code]({ ...error.extras, headers: { connection: 'close' } })
}

/** What a log says of a refused form; undefined for what is no refusal of ours. */
export function loggedRefusal(error: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRefusal(error)) return undefined
  const { cause, faults = [] } = error.extras
  const [first] = faults
  return {
    // Not `code`: a log writes no value of that name, which may be one of a second factor.
    refusal: error.code,
    ...(first ? { fault: first.code, field: shownField(first) } : {}),
    ...(cause instanceof Error ? { reason: cause.message } : {}),
  }
}

/** A name that its sender made up does not write into our log. */
function shownField({ pointer }: FieldFault): string {
  return /^#\/body\/([A-Za-z][\w-]{0,62})$/.exec(pointer)?.[1] ?? '(unusual name)'
}

function isRefusal(error: unknown): error is SecurityError & { readonly code: UploadCode } {
  return error instanceof SecurityError && Object.hasOwn($table, error.code)
}
