import { duration, flag, list, oneOf, text, whole } from './fields.ts'
import { group, matching } from './option-parts.ts'
import type { MfaOptions, PasskeyOptions, TotpOptions } from './options-factors.ts'

const roleName = /^[a-z][a-z0-9_-]{0,63}$/
const aaguid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const mfa = group<MfaOptions>(
  {
    required: oneOf(['optional', 'everyone'], 'optional'),
    roles: list(
      text({
        accepts: 'roles',
        flaw: matching(
          roleName,
          `must be 1 to 64 small letters, digits, '_' and '-', a letter first.`,
        ),
      }),
    ),
    grace: duration({ min: '1h', max: '90d' }),
    trustedDevices: duration({ min: '1h', max: '30d' }),
    fourEyes: flag(false),
  },
  { shorthand: 'required' },
)

export const totp = group<TotpOptions>({ future: whole({ min: 0, max: 1, fallback: 0 }) })

export const passkeys = group<PasskeyOptions>({
  userVerification: oneOf(['required', 'preferred'], 'required'),
  attestation: oneOf(['none', 'direct'], 'none'),
  models: list(
    text({
      accepts: 'AAGUIDs',
      flaw: matching(aaguid, "must be an AAGUID such as 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'."),
    }),
  ),
})
