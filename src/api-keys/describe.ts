import { json } from '../database/index.ts'
import { endOf, type LiveBounds, limitOf } from './bounds.ts'
import type { KeyUse } from './store.ts'
import type { ApiKeyRow, KeyOwnerKind } from './table.ts'
import { faultOf } from './verdict.ts'

/** A key as its owner and administrators see it. Instants in epoch milliseconds; nothing here opens anything. */
export interface ApiKeyView {
  readonly id: string
  readonly name: string
  readonly owner: { readonly kind: KeyOwnerKind; readonly id: string }
  /** Where it acts; null: in no organisation. */
  readonly organisation: string | null
  /**
   * As the key itself stands; what its owner may do now is asked with each request. `owner_left`: it acts in
   * an organisation to which its owner does not belong any more, so it does not work. `level_too_low`: policy
   * demands a second factor of its owner, and the session that made it had none, so it does not work either.
   */
  readonly status: 'active' | 'expired' | 'rotated' | 'revoked' | 'owner_left' | 'level_too_low'
  readonly scopes: readonly string[]
  readonly level: number
  readonly ipRanges: readonly string[] | null
  readonly limitPerHour: number
  readonly metadata: Readonly<Record<string, unknown>>
  readonly createdAt: number
  readonly createdBy: string | null
  readonly expiresAt: number | null
  /** End of the overlap with its successor. */
  readonly endsAt: number | null
  readonly successorId: string | null
  readonly revokedAt: number | null
  readonly revokeReason: string | null
  readonly firstUsedAt: number | null
  readonly lastUsedAt: number | null
  readonly lastUsedIp: string | null
  /** Laid out for thieves, and shown to administrators alone. */
  readonly decoy: boolean
}

/** What a view needs beside the row. */
export interface ViewFacts {
  readonly now: number
  readonly bounds: LiveBounds
  /** A use that is not written yet. */
  readonly use: KeyUse | undefined
  /** Its owner is no member of the organisation in which it acts. */
  readonly hasOwnerLeft: boolean
  /** Policy demands a higher level of its owner than it was made at. */
  readonly isBelowLevel: boolean
}

export function viewOf(row: ApiKeyRow, facts: ViewFacts): ApiKeyView {
  const { bounds, now, use } = facts
  const fault = faultOf(row, now, bounds)
  return {
    id: row.id,
    name: row.name,
    owner: { kind: row.owner_kind, id: row.owner_id },
    organisation: row.organisation_id,
    status: fault === undefined || fault === 'decoy' ? standingOf(facts) : fault,
    scopes: json.decode(row.scopes),
    level: row.level,
    ipRanges: row.ip_ranges === null ? null : json.decode(row.ip_ranges),
    limitPerHour: limitOf(row, bounds),
    metadata: json.decode(row.metadata),
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: endOf(row, bounds),
    endsAt: row.ends_at,
    successorId: row.successor_id,
    revokedAt: row.revoked_at,
    revokeReason: row.revoke_reason,
    firstUsedAt: row.first_used_at ?? use?.at ?? null,
    lastUsedAt: use?.at ?? row.last_used_at,
    lastUsedIp: use ? use.ip : row.last_used_ip,
    decoy: row.decoy === 1,
  }
}

/** Of a key that works as such. */
function standingOf({ hasOwnerLeft, isBelowLevel }: ViewFacts): ApiKeyView['status'] {
  if (hasOwnerLeft) return 'owner_left'
  return isBelowLevel ? 'level_too_low' : 'active'
}
