import type { UserRow } from './table.ts'

/** What an account shows to its owner and to the app. */
export interface UserProfile {
  readonly id: string
  readonly email: string
  readonly username: string | null
  readonly displayName: string | null
  /** Display text; it never decides what anyone sees. */
  readonly companyName: string | null
}

export function profileOf(row: UserRow): UserProfile {
  return {
    id: row.id,
    email: row.email,
    username: row.username,
    displayName: row.display_name,
    companyName: row.company_name,
  }
}

/** Whether an account may hold a session at `now`. A lock with an end opens by itself. */
export function mayHoldSession(
  row: Pick<UserRow, 'status' | 'locked_until'>,
  now: number,
): boolean {
  if (row.status === 'active') return true
  return row.status === 'locked' && row.locked_until !== null && row.locked_until <= now
}

/** Whether a second factor is enrolled: then a password alone signs nobody in. */
export function hasSecondFactor(row: Pick<UserRow, 'totp_since' | 'passkeys'>): boolean {
  return row.totp_since !== null || row.passkeys > 0
}
