/**
 * The words of one mail. `{appName}` and `{lifetime}` are filled in; the latter is how long the link
 * works, such as `30 minutes`, in the case that follows the preposition of the sentence. In the mail
 * `change-email` `{takeBack}` is how long the address before can undo the change, in `notice-code-used`
 * `{left}` is how many recovery codes still work, in `notice-factor-demanded` `{until}` is by when a second
 * factor is to be set up, in `secure-account-factors` `{taken}` is what a report has taken back, as
 * `Intl.ListFormat` lists it.
 */
export interface MailWords {
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** Words on the button, for mails with a link. */
  readonly action: string
  /** What follows the button. */
  readonly closing: readonly string[]
}

/** The words around what happened: when, from where, with which device. */
export interface FactWords {
  readonly account: string
  readonly organisation: string
  readonly key: string
  readonly at: string
  readonly ip: string
  readonly device: string
  /** `{browser}` and `{system}` are filled in. */
  readonly on: string
  readonly unknownDevice: string
}

/** What a report may take back, in words; `{count}` is filled in. */
export interface TakenWords {
  readonly totp: string
  readonly passkey: string
  readonly passkeys: string
  readonly recoveryCodes: string
}

/** All words of one language. A language has every mail or is not offered. */
export interface MailTexts {
  /** BCP 47, for dates and durations. */
  readonly locale: string
  readonly direction: 'ltr' | 'rtl'
  /** `{name}` is filled in. */
  readonly greeting: string
  readonly greetingWithoutName: string
  readonly facts: FactWords
  readonly taken: TakenWords
  /** Stands before the address of the button, for clients that show none. */
  readonly orOpen: string
  /** `{appName}` is filled in. */
  readonly footer: string
  readonly mails: Readonly<Record<MailTemplate, MailWords>>
}

/** The mails that Holdfast sends. */
export type MailTemplate =
  | 'verify-email'
  | 'verify-email-username-taken'
  | 'already-registered'
  | 'reset-password'
  | 'forced-reset'
  | 'change-email'
  | 'invitation'
  | 'organisation-invitation'
  | 'account-closed'
  | 'secure-account'
  | 'notice-password'
  | 'notice-api-key'
  | 'alert-decoy-used'
  | 'notice-email'
  | 'notice-new-device'
  | 'notice-under-attack'
  | 'notice-proof-attacked'
  | FactorMailTemplate

/** Those among them that tell of second factors. */
export type FactorMailTemplate =
  | 'secure-account-factors'
  | 'notice-totp-added'
  | 'notice-totp-removed'
  | 'notice-passkey-added'
  | 'notice-passkey-removed'
  | 'notice-codes-renewed'
  | 'notice-code-used'
  | 'notice-factor-demanded'
  | 'notice-factors-reset-requested'
  | 'notice-factors-reset'
  | 'notice-factor-attacked'
  | 'notice-passkey-cloned'
  | 'notice-device-trusted'

/** The words of those. */
export type FactorMailTexts = Readonly<Record<FactorMailTemplate, MailWords>>
