export type PasswordFaultCode =
  | 'password_invalid'
  | 'password_too_short'
  | 'password_too_long'
  | 'password_common'
  | 'password_breached'
  | 'password_guessable'

/** Why a password is refused. All text is fixed: nothing of the password is repeated. */
export interface PasswordFault {
  readonly code: PasswordFaultCode
  readonly detail: string
  /** How to do better. */
  readonly suggestion: string
}

const passphrase = 'Use a few unrelated words, or let a password manager make one.'

/** Text that UTF-8 cannot hold. */
export const invalidPassword: PasswordFault = Object.freeze({
  code: 'password_invalid',
  detail: 'The password holds a broken character that cannot be stored faithfully.',
  suggestion: 'Type it again.',
})

/** Found by the common-password filter. */
export const commonPassword: PasswordFault = Object.freeze({
  code: 'password_common',
  detail: 'This is one of the passwords people use most, and attackers try those first.',
  suggestion: passphrase,
})

/** Known from a breach, by Have I Been Pwned. */
export const breachedPassword: PasswordFault = Object.freeze({
  code: 'password_breached',
  detail:
    'This password is known from a breach of some site, and attackers try known passwords everywhere.',
  suggestion: `Use one that you have used nowhere else. ${passphrase} Change it wherever else you use it.`,
})

/** Shorter than the policy asks. */
export function tooShort(minLength: number): PasswordFault {
  const detail = `The password is shorter than ${minLength} characters.`
  return { code: 'password_too_short', detail, suggestion: passphrase }
}

/** Longer than the policy takes. */
export function tooLong(maxLength: number): PasswordFault {
  const detail = `The password is longer than ${maxLength} characters.`
  return { code: 'password_too_long', detail, suggestion: 'Leave out a part of it.' }
}

/** zxcvbn's warnings in words of ours. */
const weaknesses: ReadonlyMap<string, string> = new Map([
  ['straightRow', 'Rows of keys are easy to guess.'],
  ['keyPattern', 'Patterns on the keyboard are easy to guess.'],
  ['simpleRepeat', 'Repeated characters are easy to guess.'],
  ['extendedRepeat', 'Repeated parts are hardly harder to guess than one of them.'],
  ['sequences', 'Sequences like abc or 6543 are easy to guess.'],
  ['recentYears', 'Recent years are easy to guess.'],
  ['dates', 'Dates are easy to guess.'],
  ['userInputs', 'Your name, your address and the name of this site count for nothing.'],
  ['topTen', 'It is built on a very common password.'],
  ['topHundred', 'It is built on a very common password.'],
  ['common', 'It is built on a common password.'],
  ['similarToCommon', 'It is close to a common password.'],
  ['wordByItself', 'A single word is easy to guess.'],
  ['namesByThemselves', 'Names are easy to guess.'],
  ['commonNames', 'Common names are easy to guess.'],
])

/** Guessable, with zxcvbn's warning put into words. */
export function guessable(warning: string | undefined): PasswordFault {
  const weakness = warning === undefined ? undefined : weaknesses.get(warning)
  const detail = weakness ?? 'The password is easier to guess than its length suggests.'
  return { code: 'password_guessable', detail, suggestion: passphrase }
}
