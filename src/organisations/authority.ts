import {
  accessErrors,
  endOfHolding,
  type Giver,
  type PermissionSet,
  rolesAt,
} from '../access/index.ts'
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
    const { organisationId, permission, roles } = promised
    const given = await this.#given(trx, roles)
    const { isMember } = await this.#holds(trx, userId, organisationId)
    return this.#endWhere(
      trx,
      { userId, organisationId },
      (own) => may({ own, isMember }, permission) && own.coversAll(given),
    )
  }

  /** The instant from which somebody no longer holds there what a role holds there; undefined: none. */
  async endOfRole(
    trx: Trx,
    holder: { readonly userId: string; readonly organisationId: string },
    role: string,
  ): Promise<number | undefined> {
    const given = await this.#given(trx, [role])
    return this.#endWhere(trx, holder, (own) => own.coversAll(given))
  }

  async #endWhere(
    trx: Trx,
    { organisationId, userId }: { readonly userId: string; readonly organisationId: string },
    keeps: (own: PermissionSet) => boolean,
  ): Promise<number | undefined> {
    const { access, clock } = this.#parts
    const everywhere = await access.grantsOf(trx, userId)
    const question = { userIds: [userId], now: clock.now() }
    const there = await findMemberRoles(trx, organisationId, question)
    return endOfHolding([...everywhere, ...there], (at) =>
      keeps(access.permissionsIn(rolesAt(everywhere, at), rolesAt(there, at))),
    )
  }

  async #given(trx: Trx, roles: readonly string[]): Promise<PermissionSet> {
    await this.#parts.access.settleRoles(trx, roles)
    return this.#parts.access.permissionsIn([], roles)
  }

  /** Whoever named their roles without saying where may mean both: too much alone, never with those of now. */
  async #heldBy(
    trx: Trx,
    { organisationRoles = [], roles, userId }: Giver,
    organisationId: string,
  ): Promise<{ readonly asked: PermissionSet; readonly now: Held }> {
    const asked = this.#parts.access.permissionsIn(roles, [...roles, ...organisationRoles])
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

/** The right of an administrator that stands for a right of a member. */
function everywhereOf(permission: string): string {
  const action = permission.slice(0, permission.indexOf(':'))
  return `${action}:security:organisations`
}
