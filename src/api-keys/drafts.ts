import { actorOf, type By, recordOf } from '../access/index.ts'
import { json } from '../database/index.ts'
import type { KeyParts } from './format.ts'
import type { KeyOwner } from './owners.ts'
import type { KeyBounds, NewApiKey } from './request.ts'
import type { ApiKeyRow } from './table.ts'

/** Who makes or changes a key. */
export interface KeyBy extends By {
  /** Level of the session that asks; the key is worth no more. Code's own calls count as 2. */
  readonly level?: 1 | 2
}

/** The owner of decoys: nobody, whom no administrator can open. */
export const nobody = '00000000-0000-7000-8000-000000000000'

/** The part of a new row that does not depend on the request. */
export function draftOf(
  { hash, id }: KeyParts,
  owner: KeyOwner,
  { by, now }: { readonly by: KeyBy; readonly now: number },
) {
  return {
    ...{ id, hash, owner_kind: owner.kind, owner_id: owner.id, decoy: 0, imported: 0 },
    user_id: owner.kind === 'user' ? owner.id : null,
    organisation_id: null,
    ...{ level: by.level ?? 2, created_at: now, created_by: actorOf(by).id ?? null },
    ...{ expires_at: null, ends_at: null, successor_id: null },
    ...{ revoked_at: null, revoke_reason: null },
    ...{ first_used_at: null, last_used_at: null, last_used_ip: null },
  }
}

/** What the request says of a key. */
export function fieldsOf({ ipRanges, limitPerHour, metadata = {}, name }: NewApiKey) {
  return {
    name: name.trim(),
    ip_ranges: ipRanges === undefined ? null : json.encode(ipRanges),
    limit_per_hour: limitPerHour ?? null,
    metadata: json.encode(metadata),
  }
}

/** What a successor takes over, as far as the options allow it now. It lives as long as its predecessor was meant to. */
export function inheritedOf(old: ApiKeyRow, { maxLifetimeMs, maxLimitPerHour, now }: KeyBounds) {
  const { ip_ranges, metadata, name, organisation_id, scopes } = old
  const lifeMs =
    old.expires_at === null ? Number.POSITIVE_INFINITY : old.expires_at - old.created_at
  const longest = Math.min(lifeMs, maxLifetimeMs ?? Number.POSITIVE_INFINITY)
  const expires_at = Number.isFinite(longest) ? now + longest : null
  const limit_per_hour =
    old.limit_per_hour === null ? null : Math.min(old.limit_per_hour, maxLimitPerHour)
  return { ip_ranges, limit_per_hour, metadata, name, organisation_id, scopes, expires_at }
}

/** The part of an event that says who did it, and to which key. */
export function eventOf(row: Pick<ApiKeyRow, 'id'>, by: By) {
  return { ...recordOf(by), resource: { kind: 'api_key', id: row.id } }
}

/** What every event of a key says. */
export function payloadOf({ id, owner_id, owner_kind }: ApiKeyRow) {
  return { keyId: id, ownerKind: owner_kind, ownerId: owner_id }
}
