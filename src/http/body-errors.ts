import { defineErrors } from '../errors/index.ts'

/** Why a body was not taken. `pointer` of the first fault says where, where that can be said. */
export const bodyErrors = defineErrors({
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body is not valid JSON in UTF-8.',
  },
  malformed_form: {
    status: 400,
    title: 'Malformed form',
    detail: 'The form or query is not valid percent-encoded UTF-8.',
  },
  duplicate_key: {
    status: 400,
    title: 'Duplicate key',
    detail: 'An object of the body holds the same key twice.',
  },
  forbidden_key: {
    status: 400,
    title: 'Forbidden key',
    detail: 'The body holds a key that is not allowed here, such as "__proto__".',
  },
  forbidden_character: {
    status: 400,
    title: 'Forbidden character',
    detail: 'A text holds the NUL character or half of a surrogate pair.',
  },
  too_deep: { status: 400, title: 'Too deep', detail: 'The body is nested too deeply.' },
  string_too_long: {
    status: 400,
    title: 'Text too long',
    detail: 'A text of the request is longer than allowed.',
  },
  array_too_long: {
    status: 400,
    title: 'List too long',
    detail: 'A list of the body has more items than allowed.',
  },
  too_many_keys: {
    status: 400,
    title: 'Too many keys',
    detail: 'An object, form or query has more fields than allowed.',
  },
  unsafe_number: {
    status: 400,
    title: 'Unsafe number',
    detail: 'A number is too large to be kept exactly. Send it as text.',
  },
  body_incomplete: {
    status: 400,
    title: 'Incomplete body',
    detail: 'The connection ended before the whole body had arrived.',
  },
  body_timeout: {
    status: 408,
    title: 'Body too slow',
    detail: 'The body did not arrive in time. Try again on a better connection.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body is larger than this address accepts.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'This address takes UTF-8 without content encoding, of the types named in "accepts".',
  },
})

/** Codes that the readers of JSON, forms and queries give. */
export type InputFaultCode =
  | 'malformed_json'
  | 'malformed_form'
  | 'duplicate_key'
  | 'forbidden_key'
  | 'forbidden_character'
  | 'too_deep'
  | 'string_too_long'
  | 'array_too_long'
  | 'too_many_keys'
  | 'unsafe_number'

/** What a strict reader found wrong first. `pointer` is a JSON pointer (RFC 6901) into the input. */
export interface InputFault {
  readonly ok: false
  readonly code: InputFaultCode
  readonly pointer?: string
}
