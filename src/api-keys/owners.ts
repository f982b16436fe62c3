import { type Access, type Permissions, roleInOrganisation } from '../access/index.ts'
import { type AssuranceRules, requiredLevel } from '../assurance/index.ts'
import type { Db } from '../database/index.ts'
import { commonErrors, type SecurityError } from '../errors/index.ts'
import {
  findMembersAmong,
  findMembership,
  findOrganisation,
  type MemberOrganisation,
  policyOf,
} from '../organisations/index.ts'
import { findUserById, mayHoldSession } from '../users/index.ts'
import { keysBelowLevel } from './levels.ts'
import { findPrincipalGrants, findServiceAccount } from './owner-store.ts'
import type { ApiKeyRow, KeyOwnerKind } from './table.ts'

/** Whose a key is, and where it acts. */
export interface KeyOwner {
  readonly kind: KeyOwnerKind
  readonly id: string
  /** Id or short name of the organisation in which a key of an account acts; others have their own. */
  readonly organisation?: string
}

/** What an owner may do at an instant, and what is demanded of its keys. */
export interface OwnerFacts {
  readonly ok: true
  readonly permissions: Permissions
  /** Those of an organisation as `roleInOrganisation` names them. */
  readonly roles: readonly string[]
  readonly requiredLevel: 1 | 2
  /** Id of the organisation in which this holds; absent: in none. */
  readonly organisation?: string
  /** The instant from which this must be read again, if one is known. */
  readonly until: number | undefined
  /** Addresses that the organisation admits; absent: any. */
  readonly ipRanges?: readonly string[]
}

/** Why an owner's keys do not work. */
export interface OwnerRefusal {
  readonly ok: false
  readonly reason: 'owner_gone' | 'owner_closed' | 'owner_left' | 'organisation_closed'
}

export interface KeyOwnersParts {
  readonly access: Access
  /** Who needs a second factor: of a key, that the session which made it had one. */
  readonly mfa: AssuranceRules
}

function actsElsewhere(kind: KeyOwnerKind): SecurityError {
  const explanation =
    kind === 'organisation'
      ? 'the key of an organisation acts in that organisation alone; leave `organisation` away'
      : 'a service account acts where it was made to: serviceAccounts.create({ organisation })'
  return commonErrors.invalid_request({ explanation })
}

const refused = (reason: OwnerRefusal['reason']): OwnerRefusal => ({ ok: false, reason })

/** Reads what owners of keys hold now: accounts, service accounts and organisations. */
export class KeyOwners {
  readonly #parts: KeyOwnersParts

  constructor(parts: KeyOwnersParts) {
    this.#parts = parts
  }

  /**
   * An owner by ids alone, whichever of its names was given: a name can change hands, and must not take
   * keys along. What is not found keeps its name, and is found by no id later. Throws `invalid_request` for
   * a program that is said to act elsewhere than it does: its key would reach more than was meant.
   */
  async resolve(db: Db, owner: KeyOwner): Promise<KeyOwner> {
    const { id, kind, organisation } = owner
    const named = organisation === undefined ? undefined : await findOrganisation(db, organisation)
    const elsewhere = organisation === undefined ? undefined : (named?.id ?? organisation)
    if (kind === 'user') {
      return { kind, id, ...(elsewhere === undefined ? {} : { organisation: elsewhere }) }
    }
    const place = await this.#placeOf(db, { kind, id })
    if (elsewhere !== undefined && elsewhere !== place.organisation) throw actsElsewhere(kind)
    return kind === 'organisation' ? { kind, id: place.id } : { kind, ...place }
  }

  async #placeOf(db: Db, { id, kind }: KeyOwner): Promise<Omit<KeyOwner, 'kind'>> {
    if (kind === 'organisation') {
      const own = (await findOrganisation(db, id))?.id ?? id
      return { id: own, organisation: own }
    }
    const account = await findServiceAccount(db, id)
    const where = account?.organisation_id
    return { id: account?.id ?? id, ...(where ? { organisation: where } : {}) }
  }

  /** By ids alone. Throws when the database is away: never a guess. */
  find(db: Db, owner: KeyOwner, now: number): Promise<OwnerFacts | OwnerRefusal> {
    return owner.kind === 'user' ? this.#user(db, owner, now) : this.#principal(db, owner, now)
  }

  /** Ids of those keys whose owner is no member, any more, of the organisation in which they act. */
  async left(db: Db, keys: readonly ApiKeyRow[]): Promise<ReadonlySet<string>> {
    const acting = keys.flatMap(({ id, organisation_id, owner_id, owner_kind }) =>
      owner_kind === 'user' && organisation_id !== null
        ? [{ id, place: { organisation_id, user_id: owner_id } }]
        : [],
    )
    const places = new Map(acting.map(({ place }) => [placeKey(place), place]))
    const members = new Set((await findMembersAmong(db, [...places.values()])).map(placeKey))
    return new Set(acting.filter(({ place }) => !members.has(placeKey(place))).map(({ id }) => id))
  }

  /** Ids of those keys that were made at a lower level than policy demands of their owner at `now`. */
  below(db: Db, keys: readonly ApiKeyRow[], now: number): Promise<ReadonlySet<string>> {
    return keysBelowLevel(db, keys, { mfa: this.#parts.mfa, now })
  }

  async #user(db: Db, { id, organisation }: KeyOwner, now: number) {
    const { access, mfa } = this.#parts
    const row = await findUserById(db, id)
    if (!row) return refused('owner_gone')
    if (!mayHoldSession(row, now)) return refused('owner_closed')
    const held = await access.rolesOf(db, id)
    const there =
      organisation === undefined
        ? undefined
        : await findMembership(db, { organisation, userId: id, now })
    if (organisation !== undefined && !there) return refused('owner_left')
    if (there && there.organisation.status !== 'active') return refused('organisation_closed')
    const roles = [...held.roles, ...(there?.roles ?? [])]
    const dueAt = row.mfa_due_at
    const due = dueAt !== null && now < dueAt ? dueAt : undefined
    return factsOf({
      permissions: there
        ? access.permissionsIn(held.roles, there.roles)
        : access.permissionsOf(held.roles),
      roles: [...held.roles, ...(there?.roles ?? []).map(roleInOrganisation)],
      level: requiredLevel(mfa, { roles, dueAt, now }),
      ends: [held.nextExpiry, there?.nextExpiry, due],
      there: there?.organisation,
    })
  }

  async #principal(db: Db, { id, kind, organisation }: KeyOwner, now: number) {
    const { access, mfa } = this.#parts
    const principal = kind === 'organisation' ? kind : 'service_account'
    const account = principal === 'organisation' ? undefined : await findServiceAccount(db, id)
    if (principal === 'service_account' && account?.id !== id) return refused('owner_gone')
    if (account && account.status !== 'active') return refused('owner_closed')
    const where = account ? account.organisation_id : id
    const there = where === null ? undefined : await findOrganisation(db, where)
    if (where !== (there?.id ?? null)) return refused('organisation_closed')
    if (organisation !== undefined && organisation !== where) return refused('organisation_closed')
    if (there && there.status !== 'active') return refused('organisation_closed')
    await access.refreshRoles(db)
    const named = { principal_kind: principal, principal_id: id } as const
    const grants = await findPrincipalGrants(db, named, now)
    const roles = grants.map(({ role }) => role)
    return factsOf({
      permissions: there ? access.permissionsIn([], roles) : access.permissionsOf(roles),
      roles: there ? roles.map(roleInOrganisation) : roles,
      level: requiredLevel(mfa, { roles, dueAt: null, now }),
      ends: grants.map(({ expires_at }) => expires_at ?? undefined),
      there: there && { id: there.id, policy: policyOf(there) },
    })
  }
}

const placeKey = (place: { readonly organisation_id: string; readonly user_id: string }) =>
  `${place.organisation_id} ${place.user_id}`

interface Gathered {
  readonly permissions: Permissions
  readonly roles: readonly string[]
  readonly level: 1 | 2
  readonly ends: readonly (number | undefined)[]
  readonly there: Pick<MemberOrganisation, 'id' | 'policy'> | undefined
}

function factsOf({ ends, level, permissions, roles, there }: Gathered): OwnerFacts {
  const known = ends.filter((end) => end !== undefined)
  return {
    ok: true,
    permissions,
    roles,
    requiredLevel: there?.policy.requiredLevel ?? level,
    until: known.length === 0 ? undefined : Math.min(...known),
    ...(there ? { organisation: there.id } : {}),
    ...(there?.policy.ipRanges ? { ipRanges: there.policy.ipRanges } : {}),
  }
}
