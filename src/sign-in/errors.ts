import { defineErrors } from '../errors/index.ts'

export const signInErrors = defineErrors({
  invalid_credentials: {
    status: 401,
    title: 'Sign-in failed',
    detail: 'Name or password is wrong, or the account cannot be used.',
  },
  identifier_required: {
    status: 400,
    title: 'Name required',
    detail: 'Send exactly one of identifier, email and username.',
  },
})
