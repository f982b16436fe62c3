import type { AppObject } from '../conditions/index.ts'
import type { RowOptions } from '../http/index.ts'

/** What a member holds in an organisation. */
export interface OrganisationRoles {
  readonly id: string
  readonly roles: readonly string[]
}

/** A question about somebody who need not be signed in. */
export interface ExplainQuestion {
  /** Id of the account. */
  readonly userId: string
  readonly permission: string
  /** A row, with every column that a rule reads. */
  readonly object?: AppObject
  /** Id or short name of the organisation that is asked about. */
  readonly organisation?: string
  /** Level of the session that is thought of; by default 2. */
  readonly level?: 1 | 2
  readonly attributes?: RowOptions['attributes']
}
