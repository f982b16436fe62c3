import { decodeBase32 } from '../../src/factors/index.ts'
import { codeOf, stepOf } from '../../src/factors/totp.ts'

/** The code that an authenticator app shows at `now`, in epoch milliseconds, for a Base32 secret. */
export function appCode(secret: string, now: number): string {
  const bytes = decodeBase32(secret)
  if (!bytes) throw new Error('no Base32')
  return codeOf(bytes, stepOf(now))
}
