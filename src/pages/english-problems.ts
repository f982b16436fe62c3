/** Plain words for codes of the API; where one is missing, its own text is shown. */
export const englishFaults: Readonly<Record<string, string>> = {
  email_invalid: 'Enter exactly one e-mail address, like name@example.com.',
  email_unsupported: 'Only plain letters and digits can stand before the @.',
  username_invalid: 'This is too short, too long or holds another character.',
  username_taken: 'Somebody else has this username. Choose another one.',
  password_required: 'Choose a password.',
  password_wrong: 'This is not your current password.',
  password_unchanged: 'This is your password already. Choose another one.',
  email_unchanged: 'This is your address already.',
  account_changed: 'Something about the account changed meanwhile. Look and try again.',
  link_invalid: 'This link does not work any more.',
  invalid_credentials: 'Name or password is wrong, or the account cannot be used.',
  rate_limited: 'There were too many tries.',
  password_queue_full: 'Very many people sign in right now.',
  factor_rejected: 'This was not accepted.',
  flow_invalid: 'That took too long or was tried too often.',
  totp_not_started: 'There is no QR code that waits for a code. Start anew.',
  passkey_rejected: 'This passkey was not accepted.',
  passkey_known: 'This passkey is registered already.',
  factor_required:
    'Two-step verification is required for your account, and this is your only way. Add another first.',
  factor_missing: 'Two-step verification is not set up. Do that first.',
  totp_not_enabled: 'No authenticator app is set up.',
  too_many_passkeys: 'You have as many passkeys as there can be. Remove one first.',
}

/** Titles and texts of whole problems by code; where one is missing, its own words are shown. */
export const englishProblems: Readonly<
  Record<string, { readonly title: string; readonly detail: string }>
> = {
  rate_limited: { title: 'Too many requests', detail: 'There were too many requests from here.' },
  step_up_required: {
    title: 'Please confirm that it is you',
    detail:
      'Nothing was changed. What you entered was not kept: confirm first, then enter it again.',
  },
}
