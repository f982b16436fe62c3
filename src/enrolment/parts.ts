import type { Access } from '../access/index.ts'
import type { AssuranceRules } from '../assurance/index.ts'
import type { Database } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Passkeys } from '../passkeys/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import type { AccessTokens, Sessions, Verdicts } from '../sessions/index.ts'

/** What enrolment stands on. */
export interface EnrolmentParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly access: Access
  readonly sessions: Sessions
  readonly verdicts: Verdicts
  readonly tokens: AccessTokens
  readonly devices: Devices
  readonly factors: Factors
  readonly passkeys: Passkeys
  readonly clock: Clock
  /** Who needs a second factor. */
  readonly mfa: AssuranceRules
  /** How recent a proof has to be. */
  readonly stepUpMs: number
}
