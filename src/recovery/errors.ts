import { defineErrors } from '../errors/index.ts'

/** Problems of what an owner changes about the account. */
export const recoveryErrors = defineErrors({
  account_changed: {
    status: 409,
    title: 'Changed meanwhile',
    detail: 'Something about the account changed meanwhile. Look and try again.',
  },
})
