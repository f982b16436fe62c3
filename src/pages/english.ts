import { englishFactors } from './english-factors.ts'
import { englishOrganisations } from './english-organisations.ts'
import { englishFaults, englishProblems } from './english-problems.ts'

/** The words of the pages in English, which every other language follows. */
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
    newPassword: 'New password',
    currentPassword: 'Current password',
    newEmail: 'New e-mail address',
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
    currentPassword: 'We ask again, so that nobody can do this at a screen you left unlocked.',
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
    forgot: 'Forgot your password?',
    challengeTitle: 'One more check',
    challenge:
      'There were several tries that failed. Please enter your password once more; your browser proves meanwhile that it is not a program that guesses.',
    challengeWorking: 'Your browser is solving a short task. This takes a few seconds.',
    challengeReady: 'Done. You can sign in.',
    challengeFailed:
      'Your browser could not solve the task. Load the page again or use another browser.',
    challengeThirdParty:
      'There were several tries that failed. Please enter your password once more and tick the box below, which is shown by {provider}.',
    challengeNoScript:
      'This check needs JavaScript. Switch it on for this page and sign in again, use another browser, or choose a new password: the link is below.',
  },
  forgot: {
    title: 'Choose a new password',
    intro: 'Enter the address of your account, and we send you a link.',
    action: 'Send the link',
    sent: 'If {email} belongs to an account, a mail with a link is on its way to it.',
    missing:
      'Nothing there after a few minutes? Look into the spam folder, check the address, or send it again.',
    again: 'Send the mail again',
  },
  /** The page of a mailed link by what the link is for. */
  reset: {
    reset: {
      title: 'Choose a new password',
      intro: 'When you save it, you are signed out everywhere and can sign in with it.',
      action: 'Save the password',
    },
    secure: {
      title: 'Take your account back',
      intro:
        'Choose a password that you use nowhere else. Saving it opens your account again; whoever was signed in stays signed out.',
      action: 'Save the password and unlock the account',
    },
    invitation: {
      title: 'Welcome',
      intro: 'An account was made for you. Choose a password, and you can sign in.',
      action: 'Save the password',
    },
    doneTitle: 'Your password is saved',
    done: 'You can sign in with it now.',
    doneAction: 'Sign in',
    unusable:
      'It was used before, has expired or is incomplete. Enter your address, and we send you a new one.',
    unusableInvitation: 'If it was an invitation, ask whoever invited you for a new one.',
  },
  confirmEmail: {
    title: 'Confirm your new address',
    intro: 'From then on this address belongs to your account, and you sign in with it.',
    account: 'It is the account of {account}.',
    takeBack:
      'For {time} the old address can take the account back, with everything in it. Confirm only if the account is yours.',
    foreign: 'Careful: you are signed in here with another account than this one.',
    action: 'Confirm address',
    doneTitle: 'Your new address is confirmed',
    done: 'Your account has its new address. We told the old one, too.',
    doneAction: 'To your account',
    unusable:
      'It was used before, has expired or is incomplete, or the address is no longer free. You can ask for a new one in your account.',
    unusableAction: 'Change the address',
  },
  undoEmail: {
    title: 'Put your old address back',
    intro: 'Use this if you did not change the address of your account yourself. What will happen:',
    effects: [
      'The address this mail came to belongs to your account again.',
      'Every session ends, on every device.',
      'Your password stops working, and the account is locked.',
      'What was added as a second factor in the last days is removed: authenticator app, passkeys, recovery codes. You add your own again afterwards.',
      'You get a mail with a link to choose a new password, which opens the account again.',
    ],
    action: 'Put my address back and lock the account',
    doneTitle: 'Your old address is back',
    done: 'Every session has ended and your account is locked. A mail with a link to take it back is on its way to you.',
    unusable:
      'It was used before, has expired or is incomplete. If you can no longer get into your account, ask for a new password here.',
  },
  notMe: {
    title: 'This was not you?',
    intro: 'Use this if somebody else uses your account. What will happen:',
    effects: [
      'Every session ends, on every device. You will be signed out, too.',
      'Your password stops working, and the account is locked.',
      'What was added as a second factor in the last days is removed: authenticator app, passkeys, recovery codes. You add your own again afterwards.',
      'You get a mail with a link to choose a new password, which opens the account again.',
    ],
    ownDoing: 'If it was you, close this page. Nothing has happened yet.',
    action: 'Lock my account',
    doneTitle: 'Your account is locked',
    done: 'Every session has ended. A mail with a link to take your account back is on its way to you.',
    unusable:
      'It was used before, has expired or is incomplete. If somebody else uses your account, choose a new password: that ends every session, too.',
  },
  unusableTitle: 'This link does not work any more',
  changePassword: {
    title: 'Change your password',
    intro:
      'You stay signed in here. All other sessions end, and other devices have to sign in anew.',
    action: 'Save the new password',
  },
  changeEmail: {
    title: 'Change your e-mail address',
    intro:
      'Your address is {email}. We send a mail to the new one; the change is made when you follow its link.',
    action: 'Send the mail',
    sentTitle: 'Check your mail',
    sent: 'A mail is on its way to {email}. Your address changes when you follow its link.',
    sentMissing:
      'Nothing there after a few minutes? Look into the spam folder. No mail is sent to an address that another account has.',
  },
  exportData: {
    title: 'Download your data',
    intro:
      'You get a JSON file with what we keep about you: profile, roles, sessions, devices and the record of your account. Passwords and keys are not in it. Keep it safe.',
    action: 'Download',
  },
  closeAccount: {
    title: 'Close your account',
    intro: 'What will happen:',
    effects: [
      'You are signed out everywhere, and nobody can sign in any more.',
      'An administrator can open the account again for {time}.',
      'After that it is erased for good.',
    ],
    keep: 'Download your data first',
    action: 'Close my account',
    doneTitle: 'Your account is closed',
    done: 'Every session has ended. We sent you a mail about it.',
  },
  back: 'Back to your account',
  account: {
    title: 'Your account',
    profile: 'Profile',
    security: 'Sign-in and data',
    change: 'Change',
    changeEmail: 'Change e-mail address',
    changePassword: 'Change password',
    exportData: 'Download your data',
    closeAccount: 'Close your account',
    devices: 'Known devices',
    devicesIntro:
      'You signed in from these before, so wrong guesses by others do not slow you down there. A device that you forget counts as new at its next sign-in and is trusted no longer; its sessions go on.',
    noDevices: 'None.',
    forget: 'Forget',
    forgetOf: 'the device {device}, {address}',
    lastSeen: 'last seen {time}',
    firstSeen: 'first seen {time}',
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
  ...englishFactors,
  ...englishOrganisations,
  problem: {
    request: 'Request {id}',
    home: 'To your account',
    prove: 'Confirm that it is you',
  },
  notices: {
    'signed-out': 'You are signed out.',
    'session-ended': 'The session was ended.',
    'others-ended': 'All other sessions were ended.',
    'password-changed': 'Your password was changed.',
    'device-forgotten': 'The device was forgotten.',
    'flow-ended': 'That took too long or was tried too often. Please sign in once more.',
    'app-enabled': 'Your authenticator app is set up.',
    'app-removed': 'Your authenticator app was removed.',
    'passkey-added': 'The passkey was added.',
    'passkey-renamed': 'The passkey has its new name.',
    'passkey-removed': 'The passkey was removed.',
  },
  faults: englishFaults,
  problems: englishProblems,
}

/** What one language of the pages holds. */
export type PageTexts = typeof english
