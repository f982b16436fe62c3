import type { Access } from '../access/index.ts'
import type { AssuranceRules } from '../assurance/index.ts'
import type { PasswordHasher } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Enrolment } from '../enrolment/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Passkeys } from '../passkeys/index.ts'
import type { Captcha, Clock, Random } from '../ports/index.ts'
import type { AccessTokens } from '../sessions/index.ts'
import type { IssuerParts } from '../sessions/issue.ts'
import type { Throttle } from '../throttle/index.ts'
import type { GuessBudget } from './guess-budget.ts'

export interface SignInParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly budget: GuessBudget
  readonly throttle: Throttle
  readonly devices: Devices
  /** Undefined where no proof of being human is ever asked for. */
  readonly captcha: Captcha | undefined
  /** Failures after which it is asked for. */
  readonly captchaAfter: number
  readonly issuing: IssuerParts
  readonly tokens: AccessTokens
  readonly access: Access
  readonly clock: Clock
  readonly random: Random
  readonly csrfToken: (sessionId: string) => string
  /** See `sign-up/password-tag.ts`. */
  readonly passwordTag: (password: string) => number
  readonly factors: Factors
  readonly passkeys: Passkeys
  readonly enrolment: Enrolment
  readonly mfa: SecondFactorRules
}

/** Who needs a second factor, and for how long a device is spared it. */
export interface SecondFactorRules extends AssuranceRules {
  /** Absent: no device is trusted. */
  readonly trustedDevicesMs?: number
}
