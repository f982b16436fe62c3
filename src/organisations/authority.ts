import { accessErrors, type Giver, type PermissionSet } from '../access/index.ts'
import type { Trx } from '../database/index.ts'
import { organisationErrors } from './errors.ts'
import { findMembership } from './member-store.ts'
import type { OrganisationParts } from './parts.ts'

/** What somebody wants to do in an organisation. */
export interface Demand {
  readonly organisationId: string
  /** As members hold it there: `write:security:members`. */
  readonly permission: string
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
    const everywhere = everywhereOf(permission)
    const { held, isMember } = await this.#heldBy(trx, giver, organisationId)
    if (held.every((own) => own.has(everywhere) || (isMember && own.has(permission)))) return
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
    await this.#parts.access.settleRoles(trx, target.roles)
    const given = this.#parts.access.permissionsIn([], target.roles)
    const { held } = await this.#heldBy(trx, giver, target.organisationId)
    if (!held.every((own) => own.coversAll(given))) throw accessErrors.role_outranks_giver()
  }

  async #heldBy(
    trx: Trx,
    { roles, userId }: Giver,
    organisation: string,
  ): Promise<{ readonly held: readonly PermissionSet[]; readonly isMember: boolean }> {
    const { access, clock } = this.#parts
    const everywhere = await access.rolesOf(trx, userId)
    const membership = await findMembership(trx, { organisation, userId, now: clock.now() })
    // `roles` of a caller hold both kinds, unmarked: too much of them alone, never with those of now.
    const asked = access.permissionsIn(roles, roles)
    const now = access.permissionsIn(everywhere.roles, membership?.roles ?? [])
    return { held: [asked, now], isMember: membership !== undefined }
  }
}

/** The right of an administrator that stands for a right of a member. */
function everywhereOf(permission: string): string {
  const action = permission.slice(0, permission.indexOf(':'))
  return `${action}:security:organisations`
}
