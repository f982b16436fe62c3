import { defineErrors } from '../errors/index.ts'

/** Problems of every change that rests on what was known of an account. */
export const userErrors = defineErrors({
  account_changed: {
    status: 409,
    title: 'Changed meanwhile',
    detail: 'Something about the account changed meanwhile. Look and try again.',
  },
})
