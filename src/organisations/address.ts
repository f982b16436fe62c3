import { canonicalEmail } from '../crypto/index.ts'
import { commonErrors } from '../errors/index.ts'

/** An address as it was written and as it is compared. */
export interface Address {
  readonly address: string
  readonly canonical: string
}

/** An address in its one form. Throws `invalid_request` with its fault. */
export function readEmail(text: string): Address {
  const email = canonicalEmail(text)
  if (email.ok) return email
  const detail = 'This value cannot be taken.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/body/email', code: email.code, detail }],
  })
}
