import type { PrincipalGrantRow, ServiceAccountRow } from './table.ts'

/** A role of a service account, or of an organisation as owner of keys. */
export interface PrincipalGrant {
  readonly role: string
  readonly grantedAt: number
  readonly grantedBy: string | null
  readonly reason: string | null
  readonly expiresAt: number | null
}

/** A service account as it is shown. Instants in epoch milliseconds. */
export interface ServiceAccountView {
  readonly id: string
  readonly name: string
  /** Where its keys act; null: in no organisation. */
  readonly organisation: string | null
  readonly status: 'active' | 'disabled'
  readonly createdAt: number
  readonly createdBy: string | null
  readonly roles: readonly PrincipalGrant[]
}

export function grantOf(row: PrincipalGrantRow): PrincipalGrant {
  return {
    role: row.role,
    ...{ grantedAt: row.granted_at, grantedBy: row.granted_by },
    ...{ reason: row.reason, expiresAt: row.expires_at },
  }
}

export function accountViewOf(
  row: ServiceAccountRow,
  grants: readonly PrincipalGrantRow[],
): ServiceAccountView {
  const { created_at, created_by, id, name, organisation_id, status } = row
  const made = { createdAt: created_at, createdBy: created_by }
  return { id, name, organisation: organisation_id, status, ...made, roles: grants.map(grantOf) }
}
