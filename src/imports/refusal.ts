/** Why a line was not imported; docs/guides/import-users.md explains each. */
export type ImportRefusalCode =
  | 'line_invalid'
  | 'line_too_long'
  | 'unknown_field'
  | 'field_invalid'
  | 'email_invalid'
  | 'email_unsupported'
  | 'username_invalid'
  | 'hash_unknown'
  | 'hash_too_costly'
  | 'role_unknown'
  | 'roles_need_verified_email'
  | 'factor_needs_verified_email'
  | 'keys_need_verified_email'
  | 'scope_outranks_owner'
  | 'key_exists'
  | 'exists'

/** What to do about each code; none holds anything of the line. */
export const refusalTexts: Readonly<Record<ImportRefusalCode, string>> = Object.freeze({
  line_invalid: 'The line is not one JSON object in UTF-8.',
  line_too_long: 'The line is longer than 64 KB.',
  unknown_field: 'There is no such field. docs/guides/import-users.md lists them.',
  field_invalid: 'The value cannot be taken.',
  email_invalid: 'This is not exactly one e-mail address.',
  email_unsupported: 'The part before the @ may hold ASCII characters only.',
  username_invalid: 'A username is 3 to 30 letters, digits, underscores or hyphens.',
  hash_unknown:
    'This is no hash of bcrypt, scrypt, PBKDF2 or argon2 in a spelling that is known here. Leave it out: the person then sets a password with "forgot password".',
  hash_too_costly:
    'One check of this hash would cost more than about a second or 256 MiB. Leave it out: the person then sets a password with "forgot password".',
  role_unknown: 'There is no such role.',
  roles_need_verified_email:
    'Roles are not given to an address that nobody has confirmed. Say "emailVerified": true if it is known to be right, or leave the roles out.',
  factor_needs_verified_email:
    'An authenticator app is not taken over for an address that nobody has confirmed: it could lock out whoever owns the mailbox. Say "emailVerified": true if it is known to be right, or leave the secret out.',
  keys_need_verified_email:
    'API keys are not taken over for an address that nobody has confirmed: they would act for whoever owns the mailbox. Say "emailVerified": true if it is known to be right, or leave the keys out.',
  scope_outranks_owner:
    'A key holds nothing that the roles of its account do not hold. Give the account a role with it, or leave the scope out.',
  key_exists: 'One of these API keys is there already, of this account or of another one.',
  exists: 'An account with this address or username exists already.',
})

/** A line that was not imported. Safe to print: it repeats no value. */
export interface ImportRefusal {
  /** Counted from 1. */
  readonly line: number
  readonly code: ImportRefusalCode
  /** The field that is wrong, such as `passwordHash` or `roles/0`. */
  readonly field?: string
  readonly detail: string
}

export interface RefusalFacts {
  readonly field?: string
  /** Instead of the text of the code. */
  readonly detail?: string
}

export function refusal(
  line: number,
  code: ImportRefusalCode,
  facts: RefusalFacts = {},
): ImportRefusal {
  const { detail = refusalTexts[code], field } = facts
  return { line, code, ...(field === undefined ? {} : { field: printable(field) }), detail }
}

/** The name of a field stands in the file, and may hold what steers a terminal or turns text around. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}
