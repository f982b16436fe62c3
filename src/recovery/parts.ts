import type { Access } from '../access/index.ts'
import type { ApiKeys } from '../api-keys/index.ts'
import type { AuditLog } from '../audit/index.ts'
import type { PasswordHasher } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Factors } from '../factors/index.ts'
import type { Passkeys } from '../passkeys/index.ts'
import type { PasswordPolicy, PasswordProof } from '../passwords/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import type { AccessTokens, Sessions, Verdicts } from '../sessions/index.ts'
import type { Throttle } from '../throttle/index.ts'
import type { Links } from './links.ts'
import type { RecoveryMailParts } from './mails.ts'

/** What recovery stands on. */
export interface RecoveryParts extends RecoveryMailParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly audit: AuditLog
  readonly links: Links
  readonly clock: Clock
  readonly random: Random
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  readonly proof: PasswordProof
  readonly throttle: Throttle
  readonly factors: Factors
  readonly passkeys: Passkeys
  readonly devices: Devices
  readonly sessions: Sessions
  readonly apiKeys: ApiKeys
  readonly verdicts: Verdicts
  readonly tokens: AccessTokens
  readonly revocations: Revocations
  readonly access: Access
  readonly superAdminRole: string
  /** How recent a proof has to be for what is delicate. */
  readonly stepUpMs: number
  /** How long a closed account can still be opened again. */
  readonly eraseAfterMs: number
}
