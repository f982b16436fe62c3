import type { RoleChange } from './role-change.ts'
import type { GrantRow } from './table.ts'

/** The row of a role that is given at `now`. */
export function grantRow(change: RoleChange, now: number): GrantRow {
  return {
    user_id: change.userId,
    role: change.role,
    granted_at: now,
    granted_by: change.giver?.userId ?? null,
    reason: change.reason ?? null,
    expires_at: change.expiresAt ?? null,
  }
}
