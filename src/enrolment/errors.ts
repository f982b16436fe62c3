import { defineErrors } from '../errors/index.ts'

/** Problems of what an owner changes about second factors. */
export const enrolmentErrors = defineErrors({
  totp_not_started: {
    status: 409,
    title: 'No secret waits',
    detail: 'Ask for a secret first and add it to your authenticator app. Then send its code.',
  },
  totp_not_enabled: {
    status: 409,
    title: 'No authenticator app',
    detail: 'No authenticator app is in use for this account.',
  },
  factor_missing: {
    status: 409,
    title: 'No second factor',
    detail: 'This account has no second factor. Set one up first.',
  },
  factor_required: {
    status: 409,
    title: 'Second factor required',
    detail: 'This account needs a second factor, and this is the last one. Add another one first.',
  },
  passkey_not_found: {
    status: 404,
    title: 'Passkey not found',
    detail: 'None of your passkeys has this id.',
  },
  passkey_known: {
    status: 409,
    title: 'Passkey known',
    detail: 'This passkey is registered already.',
  },
  passkey_rejected: {
    status: 400,
    title: 'Passkey rejected',
    detail: 'This is no answer to our request for a new passkey, or it came too late. Ask again.',
  },
  too_many_passkeys: {
    status: 409,
    title: 'Too many passkeys',
    detail: 'An account has at most 20 passkeys. Remove one first.',
  },
})
