import { canonicalEmail } from '../crypto/index.ts'
import { isUniqueViolation } from '../database/index.ts'
import { signUpErrors } from '../sign-up/index.ts'
import type { UserRow } from '../users/index.ts'

/** The e-mail address of a request in its one form. Throws `email_invalid` or `email_unsupported`. */
export function checkEmail(text: string): { readonly address: string; readonly canonical: string } {
  const email = canonicalEmail(text)
  if (email.ok) return email
  const detail = 'This value cannot be taken.'
  throw signUpErrors[email.code]({
    faults: [{ pointer: '#/body/email', code: email.code, detail }],
  })
}

/** Somebody named the address when registering and never confirmed it: that reserves nothing. */
export function isUnconfirmed(holder: Pick<UserRow, 'status' | 'created_by'>): boolean {
  return holder.status === 'pending' && holder.created_by === null
}

/** Makes an address that was taken since its link was mailed one more link that is not valid. */
export async function refuseTaken(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (isUniqueViolation(error)) throw signUpErrors.link_invalid({ cause: error })
    throw error
  }
}
