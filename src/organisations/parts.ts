import type { Access } from '../access/index.ts'
import type { OrganisationConfig } from '../config/index.ts'
import type { Database } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Limits } from '../limits/index.ts'
import type { MailRenderer, Outbox } from '../mail/index.ts'
import type { Clock, Random } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'

/** Everything that organisations work with. */
export interface OrganisationParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly access: Access
  readonly limits: Limits
  readonly outbox: Outbox
  readonly render: MailRenderer
  readonly clock: Clock
  readonly random: Random
  readonly appName: string
  readonly rules: OrganisationConfig
  /** Held everywhere or not at all. */
  readonly superAdminRole: string
  /** Absolute address of the page where an invitation is accepted. */
  readonly invitationPage: string
  readonly invitationMs: number
}
