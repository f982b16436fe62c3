import type { Access, By } from '../access/index.ts'
import type { AssuranceRules } from '../assurance/index.ts'
import type { PasswordHasher } from '../crypto/index.ts'
import type { Database, Db, Trx } from '../database/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Enrolment } from '../enrolment/index.ts'
import type { Recorder } from '../events/index.ts'
import type { MailRenderer, Outbox } from '../mail/index.ts'
import type { Realms } from '../organisations/index.ts'
import type { PasswordPolicy } from '../passwords/index.ts'
import type { Clock, Logger, Random } from '../ports/index.ts'
import type { Links } from '../recovery/index.ts'
import type { Revocations } from '../revocation/index.ts'
import type { Sessions } from '../sessions/index.ts'

/** What is remembered of wrong guesses at an account's password; the room `throttle` keeps it. */
export interface GuessMemory {
  clear(trx: Trx, userId: string): Promise<void>
  /** The same for its second factors. */
  openFactor(trx: Trx, userId: string): Promise<void>
  stateOf(
    db: Db,
    userId: string,
  ): Promise<{ readonly lastFailureAt: number | null; readonly lockedUntil: number | null }>
}

/** Ends every key of an account, in a transaction of the caller. */
export interface KeyEnder {
  revokeAll(trx: Trx, ownerId: string, by: By): Promise<number>
}

/** Everything that the administration of accounts works with. */
export interface UserAdministrationParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  readonly access: Access
  readonly sessions: Sessions
  readonly revocations: Revocations
  readonly throttle: GuessMemory
  readonly devices: Devices
  readonly links: Links
  readonly apiKeys: KeyEnder
  readonly enrolment: Enrolment
  /** Who needs a second factor. */
  readonly mfa: AssuranceRules
  /** Whether a reset of second factors takes two administrators. */
  readonly fourEyes: boolean
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly appName: string
  /** Where each organisation has accounts of its own; else undefined. */
  readonly realms: Pick<Realms, 'find'> | undefined
  readonly defaultRole: string
  /** `closed`: nobody is invited either. */
  readonly registration: 'open' | 'invite' | 'closed'
  readonly superAdminRole: string
  /** Absolute address of the page where a mailed link sets a password. */
  readonly resetPage: string
  readonly resetMs: number
  /** As `resetMs`, for an account that its owner has reported. */
  readonly secureMs: number
  readonly invitationMs: number
}
