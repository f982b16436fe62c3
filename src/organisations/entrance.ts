import { type Access, roleInOrganisation } from '../access/index.ts'
import type { Database } from '../database/index.ts'
import { type Auth, type ClientAddress, compileIpRanges } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocation, RevocationListener } from '../revocation/index.ts'
import { organisationErrors } from './errors.ts'
import { findMembership, type Membership } from './member-store.ts'
import { MembershipMemory, type Place, type PlaceKey } from './membership-memory.ts'
import { findOrganisation } from './store.ts'

const mostReads = 5

export interface EntranceParts {
  readonly database: Database
  readonly access: Pick<Access, 'permissionsIn' | 'reach'>
  readonly clock: Clock
  /** The level that policy demands of whoever holds these roles, whatever the organisation demands. */
  readonly levelOf: (roles: readonly string[]) => 1 | 2
  /** Throws `step_up_required` for a session whose last proof is older. */
  readonly demandProof: (auth: Auth, withinMs: number) => void
  /** Lets what is known of a caller be known of the same caller in an organisation, until then. */
  readonly derive: (from: Auth, to: Auth, until: number) => void
}

/**
 * The way into an organisation: who somebody is there, on this request. Membership, roles and policy are
 * asked each time and stand on no session; what this node remembers of them it forgets as soon as
 * anything about the account or the organisation changes. For whoever does not belong there, no such
 * organisation exists, be it of others, closed or none.
 */
export class Entrance implements RevocationListener {
  readonly #parts: EntranceParts
  readonly #memory = new MembershipMemory()
  /** Callers in organisations, by the caller outside and the place; both are replaced when they change. */
  readonly #inside = new WeakMap<Auth, WeakMap<Place, Auth>>()
  readonly #outside = new WeakMap<Auth, Auth>()
  #generation = 0

  constructor(parts: EntranceParts) {
    this.#parts = parts
  }

  /** How much is remembered. */
  get remembered(): { readonly places: number; readonly subjects: number } {
    return this.#memory.size
  }

  /**
   * The caller as a member of the organisation of this id or short name. Throws `organisation_not_found`,
   * `organisation_address_refused`, and `step_up_required` for a session that its policy calls too old;
   * rejects likewise where the database had to be asked. An API key acts where it was made for, and
   * nowhere else. Who is in one organisation already is asked as the one outside.
   */
  enter(auth: Auth, reference: string, client: ClientAddress | undefined): Auth | Promise<Auth> {
    const caller = this.#outside.get(auth) ?? auth
    const { keyId: callerId = caller.userId, userId } = caller
    const key: PlaceKey = { callerId, userId, reference }
    const known = this.#memory.recall(key, this.#parts.clock.now())
    if (known) return this.#admit(caller, known, client)
    return this.#load(caller, key).then((place) => this.#admit(caller, place, client))
  }

  revoked({ id, kind }: Revocation): void {
    this.#generation++
    if (kind === 'roles') this.#memory.clear()
    else this.#memory.forgetAbout(id)
  }

  everything(): void {
    this.#generation++
    this.#memory.clear()
  }

  /** Reads once more when something was revoked meanwhile, as the rows may be from before. */
  async #load(caller: Auth, key: PlaceKey): Promise<Place> {
    for (let reads = 1; ; reads++) {
      const generation = this.#generation
      const place = await this.#read(caller, key.reference)
      if (generation !== this.#generation && reads < mostReads) continue
      if (!place) throw organisationErrors.organisation_not_found()
      if (generation === this.#generation) this.#memory.remember(key, place)
      return place
    }
  }

  async #read(caller: Auth, reference: string): Promise<Place | undefined> {
    const { clock, database } = this.#parts
    if (caller.keyId !== undefined) return this.#placeOfKey(caller, reference)
    const question = { organisation: reference, userId: caller.userId, now: clock.now() }
    const found = await findMembership(database.reader, question)
    return found?.organisation.status === 'active' ? this.#placeOf(found) : undefined
  }

  /** What an organisation demands of a key is asked where the key is judged, with all else about it. */
  async #placeOfKey(caller: Auth, reference: string): Promise<Place | undefined> {
    const row = await findOrganisation(this.#parts.database.reader, reference)
    if (row?.status !== 'active' || row.id !== caller.organisation) return undefined
    return {
      ...{ organisationId: row.id, roles: [], requiredLevel: 1 },
      ...{ ranges: undefined, sessionMaxMs: undefined, validUntil: Number.MAX_SAFE_INTEGER },
    }
  }

  #placeOf({ nextExpiry, organisation, roles }: Membership): Place {
    const { ipRanges, requiredLevel = 1, sessionMaxMs } = organisation.policy
    return {
      organisationId: organisation.id,
      roles,
      requiredLevel: requiredLevel === 2 ? 2 : this.#parts.levelOf(roles),
      ranges: ipRanges && compileIpRanges(ipRanges),
      sessionMaxMs,
      validUntil: nextExpiry ?? Number.MAX_SAFE_INTEGER,
    }
  }

  /** A range that cannot be read any more admits nobody. */
  #admit(caller: Auth, place: Place, client: ClientAddress | undefined): Auth {
    if (caller.keyId !== undefined) return caller
    const { ranges, sessionMaxMs } = place
    if (ranges && !(ranges.ok && client !== undefined && ranges.has(client.ip))) {
      throw organisationErrors.organisation_address_refused()
    }
    if (sessionMaxMs !== undefined) this.#parts.demandProof(caller, sessionMaxMs)
    return this.#insideOf(caller, place)
  }

  #insideOf(caller: Auth, place: Place): Auth {
    const places = this.#inside.get(caller) ?? new WeakMap<Place, Auth>()
    const known = places.get(place)
    if (known) return known
    const inside = this.#make(caller, place)
    this.#inside.set(caller, places.set(place, inside))
    this.#outside.set(inside, caller)
    this.#parts.derive(caller, inside, place.validUntil)
    return inside
  }

  /** Held roles reach as far as rules of an organisation do: `permissionsIn` keeps them from the rest. */
  #make(caller: Auth, { organisationId, requiredLevel, roles }: Place): Auth {
    const { access } = this.#parts
    const permissions = access.permissionsIn(caller.roles, roles)
    const facts = {
      ...caller,
      organisationRoles: Object.freeze([...roles]),
      permissions: permissions.patterns,
      organisation: organisationId,
      requiredLevel: caller.requiredLevel === 2 ? 2 : requiredLevel,
    } as const
    const held = [...caller.roles, ...roles.map(roleInOrganisation)]
    return Object.freeze({ ...facts, ...access.reach(permissions, { ...facts, roles: held }) })
  }
}
