/** The words of one mail. `{appName}`, `{hours}` and `{lifetime}` are filled in. */
export interface MailWords {
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** Words on the button, for mails with a link. */
  readonly action: string
  /** What follows the button. */
  readonly closing: readonly string[]
}

/** All words of one language. A language has every mail or is not offered. */
export interface MailTexts {
  /** `{name}` is filled in. */
  readonly greeting: string
  readonly greetingWithoutName: string
  /** `{appName}` is filled in. */
  readonly footer: string
  readonly direction: 'ltr' | 'rtl'
  readonly mails: Readonly<Record<MailTemplate, MailWords>>
}

/** The mails that Holdfast sends. */
export type MailTemplate =
  | 'verify-email'
  | 'verify-email-username-taken'
  | 'already-registered'
  | 'reset-password'
  | 'change-email'
  | 'invitation'
  | 'account-closed'
  | 'secure-account'
  | 'notice-password'
  | 'notice-email'
  | 'notice-new-device'
  | 'notice-under-attack'
