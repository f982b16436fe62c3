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
  },
}
