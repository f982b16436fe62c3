import { canonicalEmail, canonicalUsername } from '../crypto/index.ts'
import { commonErrors } from '../errors/index.ts'
import { signUpErrors } from './errors.ts'

/** What somebody may say of themselves when they register. Everything else is refused by schema. */
export interface Registration {
  readonly email: string
  readonly password: string
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  /** Display text; it decides nothing. */
  readonly companyName?: string | undefined
  /** Only members that the option `registrationMetadata` declares. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

const metadataLimit = 8_192

/** A registration whose names are canonical and whose metadata is bounded text. */
export interface CheckedRegistration {
  readonly email: string
  readonly emailCanonical: string
  readonly username: string | null
  readonly usernameCanonical: string | null
  readonly displayName: string | null
  readonly companyName: string | null
  readonly metadata: string
}

/** Checks everything but the password. Throws `email_*`, `username_invalid` or `invalid_request`. */
export function checkRegistration(
  input: Omit<Registration, 'password'>,
  allowedMetadata: readonly string[],
): CheckedRegistration {
  const email = canonicalEmail(input.email)
  if (!email.ok) throw signUpErrors[email.code]({ faults: [fault('email', email.code)] })
  return {
    email: email.address,
    emailCanonical: email.canonical,
    ...checkUsername(input.username),
    displayName: input.displayName || null,
    companyName: input.companyName || null,
    metadata: checkMetadata(input.metadata ?? {}, allowedMetadata),
  }
}

export function checkUsername(username: string | undefined): {
  readonly username: string | null
  readonly usernameCanonical: string | null
} {
  if (username === undefined) return { username: null, usernameCanonical: null }
  const name = canonicalUsername(username)
  if (!name.ok) throw signUpErrors[name.code]({ faults: [fault('username', name.code)] })
  return { username: name.username, usernameCanonical: name.canonical }
}

function checkMetadata(
  metadata: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
): string {
  const unknown = Object.keys(metadata).filter((name) => !allowed.includes(name))
  if (unknown.length > 0) {
    const faults = unknown.map((name) => fault(`metadata/${escapePointer(name)}`, 'unknown_field'))
    throw commonErrors.invalid_request({ faults })
  }
  const text = JSON.stringify(metadata)
  if (Buffer.byteLength(text) <= metadataLimit) return text
  throw commonErrors.invalid_request({ faults: [fault('metadata', 'too_long')] })
}

function fault(member: string, code: string) {
  return { pointer: `#/body/${member}`, code, detail: 'This value cannot be taken.' }
}

function escapePointer(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')
}
