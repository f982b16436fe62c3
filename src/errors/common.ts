import { defineErrors } from './error.ts'

/** Problems that belong to no single room. */
export const commonErrors = defineErrors({
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    detail: 'Some fields of the request are not as the route expects. See "errors".',
  },
  unknown_field: {
    status: 400,
    title: 'Unknown field',
    detail: 'The request holds fields that this route does not know. See "errors".',
  },
  not_found: { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not answer this method. See the Allow header.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. The request id helps us to find it.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    detail:
      'The request could not be decided right now and nothing was changed. Try again shortly.',
  },
})
