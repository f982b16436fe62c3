import { englishFactors } from './english-factors.ts'
import type { MailTexts } from './texts.ts'

const once = 'The link works once, for {lifetime}.'
const fine = 'If it was you, there is nothing to do.'
const takesBack =
  'all devices are signed out, the account is locked, second factors that were added in the last days are removed, and we send you a mail with which you choose a new password. The link works for {lifetime}.'

export const english: MailTexts = {
  locale: 'en-GB',
  direction: 'ltr',
  greeting: 'Hello {name},',
  greetingWithoutName: 'Hello,',
  facts: {
    account: 'Account',
    organisation: 'Organisation',
    key: 'API key',
    at: 'When',
    ip: 'IP address',
    device: 'Device',
    on: '{browser} on {system}',
    unknownDevice: 'unknown',
  },
  taken: {
    totp: 'authenticator app',
    passkey: 'one passkey',
    passkeys: '{count} passkeys',
    recoveryCodes: 'recovery codes',
  },
  orOpen: 'Or open this address:',
  footer: '{appName} sent this mail because this address was entered there.',
  mails: {
    'verify-email': {
      subject: 'Confirm your address for {appName}',
      paragraphs: [
        'Somebody, hopefully you, opened an account at {appName} with this address. Please confirm that the address is yours.',
      ],
      action: 'Confirm address',
      closing: [
        once,
        'If it was not you, ignore this mail. Without the confirmation nobody can use the account.',
      ],
    },
    'verify-email-username-taken': {
      subject: 'Confirm your address for {appName}',
      paragraphs: [
        'Somebody, hopefully you, opened an account at {appName} with this address. Please confirm that the address is yours.',
        'The username that was asked for is already taken. You can choose another one on the page that the link opens.',
      ],
      action: 'Confirm address and choose a name',
      closing: [
        once,
        'If it was not you, ignore this mail. Without the confirmation nobody can use the account.',
      ],
    },
    'already-registered': {
      subject: 'You already have an account at {appName}',
      paragraphs: [
        'Somebody, probably you, tried to open an account at {appName} with this address. You already have one, and nothing about it has changed.',
      ],
      action: 'Sign in',
      closing: [
        'If you do not remember your password, you can ask for a new one on the sign-in page.',
        'If it was not you, there is nothing to do.',
      ],
    },
    'reset-password': {
      subject: 'Choose a new password for {appName}',
      paragraphs: [
        'Somebody, hopefully you, asked for a new password for your account at {appName}.',
      ],
      action: 'Choose a new password',
      closing: [
        `${once} As soon as you have chosen a new password, all devices are signed out.`,
        'If it was not you, ignore this mail. Your password has not changed.',
      ],
    },
    'forced-reset': {
      subject: 'Choose a new password for {appName}',
      paragraphs: [
        'An administrator of {appName} has asked for a new password for your account. The one you have does not open it any more, and all devices are signed out.',
      ],
      action: 'Choose a new password',
      closing: [
        once,
        'If the link has run out, ask for another one where you sign in, as for a forgotten password.',
      ],
    },
    'change-email': {
      subject: 'Confirm your new address for {appName}',
      paragraphs: [
        'Somebody, hopefully you, entered this as the new address of the account below at {appName}. Please confirm that the address is yours, and only if the account is.',
      ],
      action: 'Confirm new address',
      closing: [
        once,
        'For {takeBack} the old address can take the account back, with everything in it.',
        'If it was not you, ignore this mail. Without the confirmation nothing changes.',
      ],
    },
    invitation: {
      subject: 'You are invited to {appName}',
      paragraphs: [
        'An account at {appName} was made for you. Choose a password, and it is ready to use.',
      ],
      action: 'Choose a password',
      closing: [
        once,
        'If you do not expect this invitation, ignore this mail. Without a password nobody can use the account.',
      ],
    },
    'organisation-invitation': {
      subject: 'You are invited to an organisation at {appName}',
      paragraphs: [
        'A member of an organisation at {appName} has invited you to join it. You accept with an account of this address; if you have none yet, register with this address first.',
      ],
      action: 'Look at the invitation',
      closing: [
        once,
        'If you do not know who invited you, ignore this mail. Without you nothing happens.',
      ],
    },
    'account-closed': {
      subject: 'Your account at {appName} is closed',
      paragraphs: ['Your account at {appName} was closed, and all devices were signed out.'],
      action: 'This was not me',
      closing: [
        'If you closed it and change your mind, please tell those who run {appName}. For some time they can open the account again.',
        `If it was not you, use the link above: ${takesBack}`,
      ],
    },
    'secure-account': {
      subject: 'Take back your account at {appName}',
      paragraphs: [
        'You told us that somebody else was in your account at {appName}. We have signed out all devices and locked the account.',
        'Choose a new password to open it again.',
      ],
      action: 'Choose a new password',
      closing: [once, 'If you use the old password anywhere else, please change it there as well.'],
    },
    'notice-password': {
      subject: 'Your password for {appName} was changed',
      paragraphs: ['The password of your account at {appName} was changed.'],
      action: 'This was not me',
      closing: [fine, `If it was not, use the link above: ${takesBack}`],
    },
    'notice-api-key': {
      subject: 'An API key was made at {appName}',
      paragraphs: [
        'An API key of your account at {appName} was made. A program that has it acts in your name, within its scopes.',
      ],
      action: 'This was not me',
      closing: [
        fine,
        `If it was not, use the link above: ${takesBack} Your API keys are ended as well.`,
      ],
    },
    'alert-decoy-used': {
      subject: 'A decoy API key of {appName} was used',
      paragraphs: [
        'Somebody showed an API key that was laid out as a decoy. It opened nothing. Whoever has it has read the place where it lay, so whatever else lies there should count as known.',
        'This alert comes once for each decoy. The audit log of {appName} has what is known of the request.',
      ],
      action: 'Open {appName}',
      closing: [
        'Replace the keys and passwords that lie in the same place, and find out who could read it.',
      ],
    },
    'notice-email': {
      subject: 'Your address for {appName} was changed',
      paragraphs: [
        'Your account at {appName} has a new e-mail address. From now on mail goes there and no longer here.',
      ],
      action: 'This was not me',
      closing: [fine, `If it was not, use the link above: this address is put back, ${takesBack}`],
    },
    'notice-new-device': {
      subject: 'New sign-in to {appName}',
      paragraphs: [
        'Somebody signed in to your account at {appName} with a device that we do not know.',
      ],
      action: 'This was not me',
      closing: [fine, `If it was not, use the link above: ${takesBack}`],
    },
    'notice-under-attack': {
      subject: 'Somebody is guessing your password for {appName}',
      paragraphs: [
        'Somebody keeps trying to sign in to your account at {appName} with wrong passwords. None was right so far, and we slow the attempts down. The latest one:',
      ],
      action: 'Lock my account',
      closing: [
        'There is nothing you have to do: devices that are signed in stay so. Should your right password be refused for a while, you can choose a new one on the sign-in page.',
        `If you would rather be safe, use the link above: ${takesBack}`,
      ],
    },
    'notice-proof-attacked': {
      subject: 'Somebody signed in is guessing your password for {appName}',
      paragraphs: [
        'Where your account at {appName} is signed in, somebody keeps entering wrong passwords to prove that the account is theirs. None was right so far. The latest one:',
      ],
      action: 'Lock my account',
      closing: [
        'If it was you, there is nothing to do. Should your right password be refused there, sign out and sign in again.',
        `If it was not, somebody else is signed in to your account. Use the link above: ${takesBack}`,
      ],
    },
    ...englishFactors,
  },
}
