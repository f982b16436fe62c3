import type { FactorMailTexts } from './texts.ts'

const fine = 'If it was you, there is nothing to do.'
const takesBack =
  'all devices are signed out, the account is locked, second factors that were added in the last days are removed, and we send you a mail with which you choose a new password. The link works for {lifetime}.'

/** The mails that tell of second factors. */
export const englishFactors: FactorMailTexts = {
  'secure-account-factors': {
    subject: 'Take back your account at {appName}',
    paragraphs: [
      'You told us that somebody else was in your account at {appName}. We have signed out all devices and locked the account.',
      'We have also taken second factors away that were added in the last days or may have been copied: {taken}.',
      'Choose a new password to open the account again.',
    ],
    action: 'Choose a new password',
    closing: [
      'The link works once, for {lifetime}.',
      'Then sign in, add the second factors again that were yours, and remove those you do not know.',
      'If you use the old password anywhere else, please change it there as well.',
    ],
  },
  'notice-totp-added': {
    subject: 'Authenticator app added to {appName}',
    paragraphs: [
      'An authenticator app was added to your account at {appName}. From now on its codes are asked for when you sign in.',
    ],
    action: 'This was not me',
    closing: [fine, `If it was not, use the link above: the app is removed again, ${takesBack}`],
  },
  'notice-totp-removed': {
    subject: 'Authenticator app removed from {appName}',
    paragraphs: [
      'The authenticator app was removed from your account at {appName}. Its codes are not asked for any more when you sign in.',
    ],
    action: 'This was not me',
    closing: [fine, `If it was not, use the link above: ${takesBack}`, 'Then add your app again.'],
  },
  'notice-passkey-added': {
    subject: 'Passkey added to {appName}',
    paragraphs: [
      'A passkey was added to your account at {appName}. Whoever has it can sign in with it.',
    ],
    action: 'This was not me',
    closing: [
      fine,
      `If it was not, use the link above: the passkey is removed again, ${takesBack}`,
    ],
  },
  'notice-passkey-removed': {
    subject: 'Passkey removed from {appName}',
    paragraphs: [
      'A passkey was removed from your account at {appName}. Nobody can sign in with it any more.',
    ],
    action: 'This was not me',
    closing: [fine, `If it was not, use the link above: ${takesBack}`],
  },
  'notice-codes-renewed': {
    subject: 'New recovery codes for {appName}',
    paragraphs: [
      'New recovery codes were made for your account at {appName}. The ones before do not work any more.',
    ],
    action: 'This was not me',
    closing: [
      fine,
      `If it was not, use the link above: the new codes do not work any more either, ${takesBack}`,
    ],
  },
  'notice-code-used': {
    subject: 'Recovery code used at {appName}',
    paragraphs: [
      'One of your recovery codes was used for your account at {appName}: to sign in, or to prove again who you are. It does not work again. Codes that still work: {left}.',
    ],
    action: 'This was not me',
    closing: [
      'If it was you, there is nothing to do, unless you need new codes: you can make them in your account.',
      `If it was not, somebody has a code of yours and most likely your password. Use the link above: ${takesBack}`,
      'Then make new recovery codes.',
    ],
  },
  'notice-factors-reset-requested': {
    subject: 'Reset of two-step verification for {appName}?',
    paragraphs: [
      'One of those who run {appName} has asked to take two-step verification away from your account. Nothing has changed yet: it happens when a second one of them agrees within a day.',
    ],
    action: 'This was not me',
    closing: [
      'If you asked them to, there is nothing to do.',
      `If you did not, somebody may be speaking for you. Use the link above: the request ends, ${takesBack}`,
    ],
  },
  'notice-factors-reset': {
    subject: 'Two-step verification for {appName} was reset',
    paragraphs: [
      'Those who run {appName} took two-step verification away from your account, whatever you had of it: authenticator app, passkeys, recovery codes. All devices are signed out. Please sign in with your password and set it up again.',
    ],
    action: 'This was not me',
    closing: [
      'If you asked them to, there is nothing else to do.',
      `If you did not, use the link above: ${takesBack}`,
    ],
  },
  'notice-factor-demanded': {
    subject: 'Set up two-step verification for {appName}',
    paragraphs: [
      'Your account at {appName} needs a second factor besides the password. You have time until {until}: open your account there and set up an authenticator app or a passkey.',
      'Somebody signed in to your account when this time began:',
    ],
    action: 'This was not me',
    closing: [
      'If it was you, set one up soon: after that time nobody signs in to the account before it is done.',
      `If it was not, use the link above: ${takesBack}`,
    ],
  },
  'notice-device-trusted': {
    subject: 'Browser trusted at {appName}',
    paragraphs: [
      'A browser was marked as trusted for your account at {appName}. For some time it signs in with the password alone; your second factor is not asked for there.',
    ],
    action: 'This was not me',
    closing: [
      'If it was you, there is nothing to do. You can end the trust at any time: forget the device in your account.',
      `If it was not, use the link above: no browser is trusted any more, ${takesBack}`,
    ],
  },
  'notice-passkey-cloned': {
    subject: 'A passkey for {appName} may have been copied',
    paragraphs: [
      'A passkey of your account at {appName} answered in a way that only happens when its key is in two places. We let nobody in with that answer.',
    ],
    action: 'Lock my account',
    closing: [
      'If you were signing in just then, remove this passkey in your account and add it again.',
      `If you were not, somebody else has a copy of it. Use the link above: the passkey is removed, ${takesBack}`,
    ],
  },
  'notice-factor-attacked': {
    subject: 'Somebody knows your password for {appName}',
    paragraphs: [
      'Somebody keeps trying to sign in to your account at {appName} with the right password and wrong proofs of your second factor. None was right so far. The latest one:',
    ],
    action: 'Lock my account',
    closing: [
      'If it was you, there is nothing to do. The clock of your phone may be wrong: codes of an authenticator app need the right time.',
      `If it was not, somebody else knows your password. Use the link above: ${takesBack}`,
    ],
  },
}
