import { defineErrors } from '../errors/index.ts'

/** Why a request to somebody else's server has no answer. None of them says what an address led to. */
export const fetchErrors = defineErrors({
  fetch_refused: {
    status: 400,
    title: 'Address refused',
    detail: 'The address is none that this server calls.',
  },
  fetch_failed: {
    status: 502,
    title: 'No answer',
    detail: 'The other server gave no answer that can be used.',
  },
  fetch_too_large: {
    status: 502,
    title: 'Answer too large',
    detail: 'The answer of the other server is longer than this server reads.',
  },
  fetch_timeout: {
    status: 504,
    title: 'Answer too late',
    detail: 'The other server did not answer in time.',
  },
  fetch_invalid: {
    status: 500,
    title: 'Invalid fetch',
    detail: 'An option of a server-side request cannot be used.',
  },
})
