import { defineErrors } from '../errors/index.ts'

/** Problems of proving a second factor. Neither says what was wrong: that would help to guess. */
export const factorErrors = defineErrors({
  factor_rejected: {
    status: 401,
    title: 'Code not accepted',
    detail: 'This code or passkey was not accepted. Use a current one that was not used before.',
  },
  flow_invalid: {
    status: 401,
    title: 'Sign in again',
    detail: 'This sign-in has ended or belongs to another browser. Begin anew with the password.',
  },
})
