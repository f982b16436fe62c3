import { type AccountStatus, profileOf, type UserProfile, type UserRow } from '../users/index.ts'

/** An account as administrators see it. Instants in epoch milliseconds. */
export interface AccountView extends UserProfile {
  readonly status: AccountStatus
  readonly roles: readonly string[]
  readonly createdAt: number
  readonly createdBy: string | null
  readonly verifiedAt: number | null
  readonly lastSignInAt: number | null
  readonly lastSignInIp: string | null
  readonly lastFailureAt: number | null
}

export function viewOf(row: UserRow, roles: readonly string[]): AccountView {
  return {
    ...profileOf(row),
    status: row.status,
    roles,
    createdAt: row.created_at,
    createdBy: row.created_by,
    verifiedAt: row.verified_at,
    lastSignInAt: row.last_sign_in_at,
    lastSignInIp: row.last_sign_in_ip,
    lastFailureAt: row.last_failure_at,
  }
}
