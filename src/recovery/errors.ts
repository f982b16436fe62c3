import { defineErrors } from '../errors/index.ts'

/** Problems of what an owner changes about the account. */
export const recoveryErrors = defineErrors({
  password_unchanged: {
    status: 400,
    title: 'The same password',
    detail: 'This is the password that the account has already. Choose another one.',
  },
  email_unchanged: {
    status: 400,
    title: 'The same address',
    detail: 'This is the address that the account has already.',
  },
})
