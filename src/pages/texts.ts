/** Every word of the pages. A language is one such table; `{names}` are filled in. */
export type PageTexts = typeof english

export const english = {
  language: 'en',
  direction: 'ltr',
  errorPrefix: 'Error: ',
  summary: 'Please look at this again',
  optional: 'optional',
  required: 'Fill in this field.',
  tooLong: 'This is longer than we can keep.',
  wait: 'Try again in {time}.',
  backToSignIn: 'Back to sign in',
  fields: {
    email: 'E-mail address',
    password: 'Password',
    username: 'Username',
    displayName: 'Your name',
    companyName: 'Company',
    identifier: 'E-mail address or username',
  },
  hints: {
    newPassword:
      'At least {length} characters, of any kind. A few unrelated words are easy to remember.',
    username: '3 to 30 letters, digits, underscores or hyphens. You can sign in with it.',
    companyName: 'Display only: it decides nothing about what you can see or do.',
  },
  register: {
    title: 'Create an account',
    intro: 'You will get a mail to confirm your address.',
    action: 'Create account',
    signIn: 'You already have an account? Sign in',
    closedTitle: 'Registration is closed',
    closed: 'New accounts are made by an administrator here.',
  },
  checkMail: {
    title: 'Check your mail',
    sent: 'We are sending a mail to {email}. Open it and follow its link to go on.',
    missing: 'Nothing there after a few minutes? Look into the spam folder, or send it again.',
    action: 'Send the mail again',
  },
  resend: {
    title: 'Confirm your address',
    intro: 'Enter the address you registered with, and we send you a new link.',
    action: 'Send a new link',
  },
  verify: {
    title: 'Confirm your address',
    intro: 'One click, and your account is ready.',
    needsPassword: 'Choose the password you want to sign in with.',
    needsUsername: 'The username that was asked for is taken. Please choose another one.',
    action: 'Confirm address',
    unusableTitle: 'This link does not work any more',
    unusable: 'It was used before, has expired or is incomplete. We can send you a new one.',
    doneTitle: 'Your address is confirmed',
    done: 'Your account is ready. You can sign in now.',
    doneAction: 'Sign in',
  },
  signIn: {
    title: 'Sign in',
    action: 'Sign in',
    register: 'New here? Create an account',
    resend: 'The link to confirm your address is missing? Send a new one',
    already: 'You are signed in',
    alreadyText: 'There is nothing more to do here.',
    continue: 'Continue',
    verificationTitle: 'Your address is not confirmed yet',
    verification: 'Open the mail we sent you and follow its link. You can sign in after that.',
    moreProofTitle: 'One more step is needed',
    moreProof:
      'This account asks for a further proof, which these pages cannot take. Please sign in with the app that you use it with.',
  },
  account: {
    title: 'Your account',
    profile: 'Profile',
    email: 'E-mail address',
    username: 'Username',
    displayName: 'Name',
    companyName: 'Company',
    roles: 'Roles',
    none: 'Not set',
    sessions: 'Where you are signed in',
    sessionsIntro:
      'Each device and browser has a session of its own. End those you do not recognise.',
    thisOne: 'This one',
    activeNow: 'active now',
    lastActive: 'last active {time}',
    signedInAt: 'signed in {time}',
    unknownAddress: 'unknown address',
    unknownDevice: 'Unknown device',
    on: '{browser} on {system}',
    end: 'End',
    endOf: 'session of {device}, {address}',
    endOthers: 'End all others',
    signOut: 'Sign out',
  },
  problem: {
    request: 'Request {id}',
    home: 'To your account',
  },
  notices: {
    'signed-out': 'You are signed out.',
    'session-ended': 'The session was ended.',
    'others-ended': 'All other sessions were ended.',
  },
  /** Plain words for codes of the API; where one is missing, its own text is shown. */
  faults: {
    email_invalid: 'Enter exactly one e-mail address, like name@example.com.',
    email_unsupported: 'Only plain letters and digits can stand before the @.',
    username_invalid: 'This is too short, too long or holds another character.',
    username_taken: 'Somebody else has this username. Choose another one.',
    password_required: 'Choose a password.',
    invalid_credentials: 'Name or password is wrong, or the account cannot be used.',
    rate_limited: 'There were too many tries.',
    password_queue_full: 'Very many people sign in right now.',
  } as Readonly<Record<string, string>>,
}

/** Puts values in the places of `{names}`; a value that holds braces is not read again. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? place) : place,
  )
}
