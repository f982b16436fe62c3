import { findHoldersAmong } from '../access/index.ts'
import { type AssuranceRules, requiredLevel } from '../assurance/index.ts'
import type { Db } from '../database/index.ts'
import { findMembersHolding, findOrganisationsAmong, policyOf } from '../organisations/index.ts'
import { findInGraceAmong } from '../users/index.ts'
import { findGrantsOfAll } from './owner-store.ts'
import type { ApiKeyRow, KeyOwnerKind } from './table.ts'

const atOnce = 500

interface Asked {
  readonly mfa: AssuranceRules
  readonly now: number
}

/**
 * Ids of those keys that were made at a lower level than policy demands of their owner at `now`, as the
 * verdict on each has it, in a few statements for all.
 */
export async function keysBelowLevel(
  db: Db,
  keys: readonly ApiKeyRow[],
  asked: Asked,
): Promise<ReadonlySet<string>> {
  const low = keys.filter(({ decoy, level }) => level < 2 && decoy === 0)
  const below = new Set<string>()
  for (let at = 0; at < low.length; at += atOnce) {
    const some = low.slice(at, at + atOnce)
    const [places, owners] = [await strictPlaces(db, some), await demandedOwners(db, some, asked)]
    for (const row of some) if (places.has(row.organisation_id) || owners(row)) below.add(row.id)
  }
  return below
}

/** Organisations that demand two factors, whoever comes. */
async function strictPlaces(db: Db, keys: readonly ApiKeyRow[]) {
  const ids = distinct(keys.flatMap(({ organisation_id: id }) => (id === null ? [] : [id])))
  const found = ids.length === 0 ? [] : await findOrganisationsAmong(db, ids)
  const strict = found.filter((row) => policyOf(row).requiredLevel === 2)
  return new Set<string | null>(strict.map(({ id }) => id))
}

/** Whether the option `mfa` demands two factors of the owner of a key, where the key acts. */
async function demandedOwners(db: Db, keys: readonly ApiKeyRow[], { mfa, now }: Asked) {
  const ofNobody = requiredLevel(mfa, { roles: mfa.roles, dueAt: null, now }) < 2
  if (ofNobody) return () => false
  const isEveryone = mfa.required === 'everyone'
  const users = idsOf(keys, 'user')
  const hasGrace = mfa.graceMs !== undefined && users.length > 0
  const inGrace = new Set(hasGrace ? await findInGraceAmong(db, users, now) : [])
  const holders = isEveryone ? new Set<string>() : await holdersAmong(db, keys, { mfa, now })
  return ({ organisation_id, owner_id }: ApiKeyRow) => {
    if (inGrace.has(owner_id)) return false
    return isEveryone || holders.has(owner_id) || holders.has(placeOf(organisation_id, owner_id))
  }
}

/** Owners that hold one of the roles: by their id where they hold it for all they do, else with the place. */
async function holdersAmong(db: Db, keys: readonly ApiKeyRow[], { mfa: { roles }, now }: Asked) {
  const userIds = idsOf(keys, 'user')
  const asked = { userIds, roles, now }
  const [everywhere, there] =
    userIds.length === 0
      ? [[], []]
      : [await findHoldersAmong(db, 'hf_grants', asked), await findMembersHolding(db, asked)]
  const programs: string[] = []
  for (const kind of ['service_account', 'organisation'] as const) {
    const grants = await findGrantsOfAll(db, { kind, ids: idsOf(keys, kind) }, now)
    for (const grant of grants) if (roles.includes(grant.role)) programs.push(grant.principal_id)
  }
  const places = there.map(({ organisation_id, user_id }) => placeOf(organisation_id, user_id))
  return new Set([...everywhere, ...programs, ...places])
}

const placeOf = (organisation: string | null, owner: string) => `${organisation} ${owner}`

const distinct = (ids: readonly string[]) => [...new Set(ids)]

function idsOf(keys: readonly ApiKeyRow[], kind: KeyOwnerKind): readonly string[] {
  return distinct(
    keys.flatMap(({ owner_id, owner_kind }) => (owner_kind === kind ? [owner_id] : [])),
  )
}
