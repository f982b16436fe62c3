import { defineErrors } from '../errors/index.ts'
import type { PasswordVerdict } from './policy.ts'

/** Problems of setting a password. */
export const passwordErrors = defineErrors({
  password_wrong: {
    status: 401,
    title: 'Password not accepted',
    detail: 'The current password is wrong, or it cannot be tried right now.',
  },
  weak_password: {
    status: 400,
    title: 'Password not accepted',
    detail: 'This password cannot be used. "errors" says why and how to do better.',
  },
})

/**
 * Throws `weak_password` for a refused password, each reason with its suggestion as a fault at
 * `pointer` (RFC 6901), `#/body/password` unless the field is called otherwise. Nothing of the
 * password is repeated.
 */
export function refuseWeak(verdict: PasswordVerdict, pointer = '#/body/password'): void {
  if (verdict.ok) return
  const faults = verdict.reasons.map(({ code, detail, suggestion }) => {
    return { pointer, code, detail: `${detail} ${suggestion}` }
  })
  throw passwordErrors.weak_password({ faults })
}
