import { defineErrors } from '../errors/index.ts'

/** Thrown at start, never by a request. */
export const headerErrors = defineErrors({
  header_invalid: {
    status: 500,
    title: 'Invalid security header',
    detail: 'An option of "headers" cannot be written as a header.',
  },
})
