import { defineErrors } from '../errors/index.ts'

export const signUpErrors = defineErrors({
  registration_closed: {
    status: 403,
    title: 'Registration closed',
    detail: 'New accounts are made by an administrator here.',
  },
  email_invalid: {
    status: 400,
    title: 'Invalid address',
    detail: 'Send exactly one e-mail address.',
  },
  email_unsupported: {
    status: 400,
    title: 'Unsupported address',
    detail: 'The part before the @ may hold ASCII characters only.',
  },
  username_invalid: {
    status: 400,
    title: 'Invalid username',
    detail: 'A username is 3 to 30 letters, digits, underscores or hyphens.',
  },
  username_taken: {
    status: 409,
    title: 'Username taken',
    detail: 'Somebody else has this username. Use the link again with another one.',
  },
  password_required: {
    status: 400,
    title: 'Password required',
    detail: 'This link confirms the address only. Use it again with a password of your choice.',
  },
  link_invalid: {
    status: 400,
    title: 'Link not valid',
    detail: 'This link was used, has expired or is incomplete. Ask for a new one.',
  },
})
