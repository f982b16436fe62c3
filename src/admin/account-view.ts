import { json } from '../database/index.ts'
import {
  type AccountStatus,
  mayHoldSession,
  profileOf,
  type UserProfile,
  type UserRow,
} from '../users/index.ts'

/** An account as administrators see it. Instants in epoch milliseconds. */
export interface AccountView extends UserProfile {
  /** As it counts now: a lock whose end has passed is shown as `active`. */
  readonly status: AccountStatus
  /** Why it is locked or disabled: a sentence of whoever did it, `reported_by_owner` or `closed_by_owner`. */
  readonly statusReason: string | null
  readonly lockedUntil: number | null
  /** End of a lockout by wrong guesses, which touches the password alone. */
  readonly passwordLockedUntil: number | null
  /** When an account that its owner closed is erased, unless it is enabled before. */
  readonly eraseAt: number | null
  readonly roles: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  /** Since when codes of an authenticator app are asked for. */
  readonly totpSince: number | null
  /** How many passkeys are registered. */
  readonly passkeys: number
  /** Level that policy demands of the account by its roles, whatever time to comply is left. */
  readonly requiredLevel: 1 | 2
  readonly createdAt: number
  /** Null for somebody who registered; else who made it: an id, a name at the command line, `code`. */
  readonly createdBy: string | null
  readonly verifiedAt: number | null
  readonly passwordChangedAt: number | null
  readonly lastSignInAt: number | null
  readonly lastSignInIp: string | null
  readonly lastFailureAt: number | null
}

/** What a view shows that stands outside the account's own row. */
export interface AccountFacts {
  readonly roles: readonly string[]
  readonly requiredLevel: 1 | 2
  readonly passwordChangedAt: number | null
  readonly passwordLockedUntil: number | null
  readonly lastFailureAt: number | null
}

export function viewOf(row: UserRow, facts: AccountFacts, now: number): AccountView {
  const open = row.status === 'locked' && mayHoldSession(row, now)
  return {
    ...profileOf(row),
    status: open ? 'active' : row.status,
    statusReason: open ? null : row.status_reason,
    lockedUntil: open ? null : row.locked_until,
    eraseAt: row.erase_at,
    ...facts,
    lastFailureAt: latest(facts.lastFailureAt, row.last_failure_at),
    metadata: json.decode<Record<string, unknown>>(row.metadata),
    totpSince: row.totp_since,
    passkeys: row.passkeys,
    createdAt: row.created_at,
    createdBy: row.created_by,
    verifiedAt: row.verified_at,
    lastSignInAt: row.last_sign_in_at,
    lastSignInIp: row.last_sign_in_ip,
  }
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
