import { accessErrors, type Giver, type PermissionSet } from '../access/index.ts'
import type { Db, Trx } from '../database/index.ts'
import { findUserById, mayHoldSession } from '../users/index.ts'
import { organisationErrors } from './errors.ts'
import { findMemberRoles, findMembership } from './member-store.ts'
import type { OrganisationParts } from './parts.ts'

/** What somebody wants to do in an organisation. */
export interface Demand {
  readonly organisationId: string
  /** As members hold it there: `write:security:members`. */
  readonly permission: string
}

/** What somebody gives that counts later: roles there, by a right that they need as well. */
export interface Promised extends Demand {
  readonly roles: readonly string[]
}

/** What somebody holds there. */
interface Held {
  readonly own: PermissionSet
  readonly isMember: boolean
}

/**
 * On whose authority something happens in an organisation. What counts is held when they asked and now:
 * roles everywhere, and those in this organisation, which never reach beyond it.
 */
export class Authority {
  readonly #parts: Pick<OrganisationParts, 'access' | 'clock'>

  constructor(parts: Pick<OrganisationParts, 'access' | 'clock'>) {
    this.#parts = parts
  }

  /**
   * Throws unless somebody may do this as a member, or as an administrator of all organisations. For
   * whoever is neither there is no such organisation.
   */
  async demand(trx: Trx, giver: Giver, { organisationId, permission }: Demand): Promise<void> {
    const { asked, now } = await this.#heldBy(trx, giver, organisationId)
    const { isMember } = now
    if (may({ own: asked, isMember }, permission) && may(now, permission)) return
    throw isMember ? accessErrors.forbidden() : organisationErrors.organisation_not_found()
  }

  /** Throws `forbidden` unless somebody may do this to all organisations. */
  async demandEverywhere(trx: Trx, giver: Giver, permission: string): Promise<void> {
    await this.#parts.access.demand(trx, giver, everywhereOf(permission))
  }

  /** Throws `role_outranks_giver` unless somebody holds there all that these roles hold there. */
  async refuseOutranked(
    trx: Trx,
    giver: Giver,
    target: { readonly organisationId: string; readonly roles: readonly string[] },
  ): Promise<void> {
    const given = await this.#given(trx, target.roles)
    const { asked, now } = await this.#heldBy(trx, giver, target.organisationId)
    const covers = asked.coversAll(given) && now.own.coversAll(given)
    if (!covers) throw accessErrors.role_outranks_giver()
  }

  /** Whether what somebody promised is still theirs to give: their account is in use and holds it now. */
  async keeps(trx: Trx, userId: string, promised: Promised): Promise<boolean> {
    await this.#parts.access.settleRoles(trx, promised.roles)
    return this.seemsToKeep(trx, userId, promised)
  }

  /** The same for showing alone, outside of any transaction. */
  async seemsToKeep(db: Db, userId: string, promised: Promised): Promise<boolean> {
    const { access, clock } = this.#parts
    const user = await findUserById(db, userId)
    if (!user || !mayHoldSession(user, clock.now())) return false
    const now = await this.#holds(db, userId, promised.organisationId)
    const given = access.permissionsIn([], promised.roles)
    return may(now, promised.permission) && now.own.coversAll(given)
  }

  /**
   * The instant from which somebody has no longer what they promise, as roles of theirs run out, in epoch
   * milliseconds; undefined while none of them does.
   */
  async endOf(trx: Trx, userId: string, promised: Promised): Promise<number | undefined> {
    const { access, clock } = this.#parts
    const { organisationId, permission, roles } = promised
    const given = await this.#given(trx, roles)
    const question = { userIds: [userId], now: clock.now() }
    const everywhere = await access.grantsOf(trx, userId)
    const there = await findMemberRoles(trx, organisationId, question)
    const { isMember } = await this.#holds(trx, userId, organisationId)
    const keepsAt = (at: number): boolean => {
      const own = access.permissionsIn(lastingAt(everywhere, at), lastingAt(there, at))
      return may({ own, isMember }, permission) && own.coversAll(given)
    }
    return endsOf([...everywhere, ...there]).find((at) => !keepsAt(at))
  }

  async #given(trx: Trx, roles: readonly string[]): Promise<PermissionSet> {
    await this.#parts.access.settleRoles(trx, roles)
    return this.#parts.access.permissionsIn([], roles)
  }

  /** `roles` of a caller hold both kinds, unmarked: too much of them alone, never with those of now. */
  async #heldBy(
    trx: Trx,
    { roles, userId }: Giver,
    organisationId: string,
  ): Promise<{ readonly asked: PermissionSet; readonly now: Held }> {
    const asked = this.#parts.access.permissionsIn(roles, roles)
    return { asked, now: await this.#holds(trx, userId, organisationId) }
  }

  async #holds(db: Db, userId: string, organisation: string): Promise<Held> {
    const { access, clock } = this.#parts
    const everywhere = await access.rolesOf(db, userId)
    const membership = await findMembership(db, { organisation, userId, now: clock.now() })
    const own = access.permissionsIn(everywhere.roles, membership?.roles ?? [])
    return { own, isMember: membership !== undefined }
  }
}

/** As a member there, or as an administrator of all organisations. */
function may({ isMember, own }: Held, permission: string): boolean {
  return own.has(everywhereOf(permission)) || (isMember && own.has(permission))
}

/** A role that runs out, or does not. */
interface Lasting {
  readonly role: string
  readonly expires_at: number | null
}

function lastingAt(held: readonly Lasting[], at: number): readonly string[] {
  return held.flatMap(({ expires_at, role }) =>
    expires_at === null || expires_at > at ? [role] : [],
  )
}

/** The instants at which one of them runs out, the first one first. */
function endsOf(held: readonly Lasting[]): readonly number[] {
  const ends = held.flatMap(({ expires_at }) => (expires_at === null ? [] : [expires_at]))
  return ends.sort((one, other) => one - other)
}

/** The right of an administrator that stands for a right of a member. */
function everywhereOf(permission: string): string {
  const action = permission.slice(0, permission.indexOf(':'))
  return `${action}:security:organisations`
}
