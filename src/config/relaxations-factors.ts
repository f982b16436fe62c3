import type { RelaxationCheck } from './relaxations.ts'

/** What weakens second factors. */
export const factorChecks: readonly RelaxationCheck[] = [
  [
    'mfa.trustedDevices',
    (c) => c.mfa.trustedDevicesMs !== undefined,
    'A browser that somebody trusts signs in with the password alone.',
  ],
  [
    'mfa.grace',
    (c) => c.mfa.graceMs !== undefined,
    'For a while people sign in without the second factor that is required of them.',
  ],
  [
    'totp.future',
    (c) => c.totp.future > 0,
    'A code of an authenticator app is taken 30 seconds before its time as well.',
  ],
  [
    'passkeys.userVerification',
    (c) => c.passkeys.userVerification === 'preferred',
    'Authenticators that do not check their user are taken as second factor.',
  ],
]
