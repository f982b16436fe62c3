import type { MailTexts } from './texts.ts'

export const english: MailTexts = {
  greeting: 'Hello {name},',
  greetingWithoutName: 'Hello,',
  footer: 'This mail was sent by {appName} because its address was entered there.',
  direction: 'ltr',
  mails: {
    'verify-email': {
      subject: 'Confirm your address for {appName}',
      paragraphs: [
        'An account was opened at {appName} with this address. Please confirm that it is yours.',
      ],
      action: 'Confirm address',
      closing: [
        'The link works once, for {hours} hours.',
        'If this was not you, ignore this mail: without the confirmation the account is never used.',
      ],
    },
    'verify-email-username-taken': {
      subject: 'Confirm your address for {appName}',
      paragraphs: [
        'An account was opened at {appName} with this address. Please confirm that it is yours.',
        'The user name that was asked for is already taken. You can choose another one on the page that the link opens.',
      ],
      action: 'Confirm address and choose a name',
      closing: [
        'The link works once, for {hours} hours.',
        'If this was not you, ignore this mail: without the confirmation the account is never used.',
      ],
    },
    'already-registered': {
      subject: 'You already have an account at {appName}',
      paragraphs: [
        'Somebody, probably you, tried to open an account at {appName} with this address. You already have one, and nothing about it has changed.',
      ],
      action: 'Sign in',
      closing: ['If this was not you, there is nothing to do: nothing has happened.'],
    },
    'reset-password': {
      subject: 'Choose a new password for {appName}',
      paragraphs: [
        'Somebody, probably you, asked for a new password for your account at {appName}.',
      ],
      action: 'Choose a new password',
      closing: [
        'The link works once, for {lifetime}.',
        'If this was not you, ignore this mail: your password stays what it is.',
      ],
    },
    'change-email': {
      subject: 'Confirm your new address for {appName}',
      paragraphs: ['This address was entered as the new one of an account at {appName}.'],
      action: 'Confirm new address',
      closing: [
        'The link works once, for {lifetime}.',
        'If this was not you, ignore this mail: nothing happens without the confirmation.',
      ],
    },
    invitation: {
      subject: 'You are invited to {appName}',
      paragraphs: ['An account at {appName} was made for you. Choose a password to use it.'],
      action: 'Choose a password',
      closing: ['The link works once, for {lifetime}.'],
    },
    'account-closed': {
      subject: 'Your account at {appName} is closed',
      paragraphs: ['Your account at {appName} was closed, and every session of it has ended.'],
      action: 'Open {appName}',
      closing: ['If this was not you, write to whoever runs {appName}: they can open it again.'],
    },
    'secure-account': {
      subject: 'Take your account at {appName} back',
      paragraphs: [
        'You told us that somebody else uses your account. It is locked now, and every session of it has ended.',
        'Choose a new password to open it again.',
      ],
      action: 'Choose a new password',
      closing: ['The link works once, for {lifetime}.'],
    },
    'notice-password': {
      subject: 'Your password for {appName} was changed',
      paragraphs: ['The password of your account at {appName} was changed.'],
      action: 'This was not me',
      closing: [
        'If it was you, there is nothing to do.',
        'If it was not, use the link above: it ends every session, locks the account and starts its recovery. It works for {lifetime}.',
      ],
    },
    'notice-email': {
      subject: 'Your address for {appName} was changed',
      paragraphs: ['Your account at {appName} has another e-mail address now.'],
      action: 'This was not me',
      closing: [
        'If it was you, there is nothing to do.',
        'If it was not, use the link above: it puts this address back, ends every session, locks the account and starts its recovery. It works for {lifetime}.',
      ],
    },
    'notice-new-device': {
      subject: 'New sign-in to {appName}',
      paragraphs: [
        'Your account at {appName} was signed in to from a device we have not seen before.',
      ],
      action: 'This was not me',
      closing: [
        'If it was you, there is nothing to do.',
        'If it was not, use the link above: it ends every session, locks the account and starts its recovery. It works for {lifetime}.',
      ],
    },
    'notice-under-attack': {
      subject: 'Somebody is guessing your password for {appName}',
      paragraphs: [
        'Somebody tries to sign in to your account at {appName} with wrong passwords. They have not got in, and we slow them down.',
        'Devices on which you signed in before are not affected. On a new one you may have to choose a new password first.',
      ],
      action: 'Lock the account',
      closing: [
        'There is nothing that you have to do. If you want to be sure, use the link above: it ends every session, locks the account and starts its recovery.',
      ],
    },
  },
}
