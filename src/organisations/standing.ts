import type { By } from '../access/index.ts'
import { isUniqueViolation, json } from '../database/index.ts'
import type { Changed, Changes } from './changes.ts'
import { organisationErrors } from './errors.ts'
import { revokeInvitations } from './invitation-store.ts'
import { findMembership } from './member-store.ts'
import { checkMetadata, checkName, checkSlug, refuseReserved } from './names.ts'
import type { OrganisationParts } from './parts.ts'
import { admitsAddress, checkPolicy, type OrganisationPolicy } from './policy.ts'
import {
  countNames,
  findOrganisation,
  type OrganisationChange,
  takeName,
  updateOrganisation,
} from './store.ts'
import { type OrganisationView, organisationView } from './view.ts'

/** What changes about an organisation; what is absent stays. */
export interface OrganisationChanges {
  readonly name?: string | undefined
  readonly slug?: string | undefined
  /** The whole of it: what it leaves out is demanded no more. */
  readonly policy?: OrganisationPolicy | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** One keeps all that it had, so none keeps all there are. */
const mostNames = 10

const write = 'write:security:organisation'
const remove = 'delete:security:organisation'

/** What an organisation is called, what it demands, and its end. */
export class Standing {
  readonly #parts: OrganisationParts
  readonly #changes: Changes

  constructor(parts: OrganisationParts, changes: Changes) {
    this.#parts = parts
    this.#changes = changes
  }

  async change(reference: string, changes: OrganisationChanges, by: By): Promise<OrganisationView> {
    const values = valuesOf(changes)
    try {
      const request = { reference, by, permission: write }
      return await this.#changes.run(request, (changed) => this.#write(changed, values, by))
    } catch (error) {
      if (isUniqueViolation(error)) throw organisationErrors.organisation_exists({ cause: error })
      throw error
    }
  }

  /** Its members find it no more, its short name stays taken, and what was mailed works no more. */
  close(reference: string, by: By): Promise<void> {
    return this.#changes.run({ reference, by, permission: remove }, async ({ row, trx }) => {
      await updateOrganisation(trx, row.id, { status: 'closed' })
      const now = this.#parts.clock.now()
      await revokeInvitations(trx, { organisationId: row.id, now })
      const payload = { organisationId: row.id }
      await this.#changes.record(trx, 'organisation.closed', { payload, by })
    })
  }

  async #write(changed: Changed, values: OrganisationChange, by: By): Promise<OrganisationView> {
    const { row, trx } = changed
    const { policy, ...names } = values
    const payload = { organisationId: row.id }
    if (policy !== undefined) await this.#refuseShutOut(changed, policy, by)
    if (names.slug !== undefined) await this.#takeName(changed, names.slug, by)
    if (Object.keys(values).length > 0) await updateOrganisation(trx, row.id, values)
    if (Object.keys(names).length > 0) {
      await this.#changes.record(trx, 'organisation.renamed', { payload, by })
    }
    if (policy !== undefined) {
      await this.#changes.record(trx, 'organisation.policy_changed', { payload, by })
    }
    return organisationView((await findOrganisation(trx, row.id)) ?? row)
  }

  /** Former short names stay with it: what still points there never leads to somebody else. */
  async #takeName({ row, trx }: Changed, slug: string, { giver }: By): Promise<void> {
    if (slug === row.slug) return
    if (giver && this.#parts.rules.from === 'host') refuseReserved(slug)
    if (!(await takeName(trx, { slug, organisation_id: row.id }))) {
      throw organisationErrors.organisation_exists()
    }
    if (giver && (await countNames(trx, row.id)) > mostNames) {
      throw organisationErrors.short_name_limit()
    }
  }

  /** A member who names networks is within them, or could not take them back. */
  async #refuseShutOut({ row, trx }: Changed, policy: string, by: By): Promise<void> {
    const ip = by.origin?.ip
    if (!by.giver || ip === undefined || admitsAddress(json.decode(policy), ip)) return
    const { userId } = by.giver
    const now = this.#parts.clock.now()
    if (await findMembership(trx, { organisation: row.id, userId, now })) {
      throw organisationErrors.organisation_shuts_out()
    }
  }
}

function valuesOf({ metadata, name, policy, slug }: OrganisationChanges): OrganisationChange {
  if (name !== undefined) checkName(name)
  if (slug !== undefined) checkSlug(slug)
  if (metadata !== undefined) checkMetadata(metadata)
  return {
    ...(name === undefined ? {} : { name }),
    ...(slug === undefined ? {} : { slug }),
    ...(metadata === undefined ? {} : { metadata: json.encode(metadata) }),
    ...(policy === undefined ? {} : { policy: json.encode(checkPolicy(policy)) }),
  }
}
