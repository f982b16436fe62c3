import { json } from '../database/index.ts'

/** What an organisation demands of its members on each request that names it. */
export interface OrganisationPolicy {
  /** 2: a second factor, whatever the member's roles elsewhere demand. */
  readonly requiredLevel?: 2
  /** Addresses and networks (`203.0.113.0/24`, `2001:db8::/32`) that members may call from; absent: any. */
  readonly ipRanges?: readonly string[]
  /** How old the proof of a session may be, in milliseconds; absent: as old as the session. */
  readonly sessionMaxMs?: number
}

/** The policy of a row. */
export function policyOf(row: { readonly policy: string }): OrganisationPolicy {
  return Object.freeze(json.decode<OrganisationPolicy>(row.policy))
}
