import { defineErrors } from '../errors/index.ts'

/** Mistakes of programs that call this room; none of them is ever caused by what a client sent alone. */
export const inputErrors = defineErrors({
  schema_invalid: {
    status: 500,
    title: 'Invalid schema',
    detail: 'A route is checked by something that is no schema. Its developers have been told.',
  },
  sql_invalid: {
    status: 500,
    title: 'Invalid statement',
    detail: 'A statement was put together in a way that is not safe. It was not run.',
  },
  sanitizer_missing: {
    status: 500,
    title: 'Sanitizer missing',
    detail: 'HTML cannot be cleaned, because a package is not installed.',
  },
  header_value_invalid: {
    status: 500,
    title: 'Invalid header value',
    detail: 'A response header would have held characters that no header may hold.',
  },
})

/** Thrown where a schema or a rule is written; its message says what is wrong and how to mend it. */
export function invalidSchema(explanation: string): Error {
  return inputErrors.schema_invalid({ explanation })
}
