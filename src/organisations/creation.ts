import type { By } from '../access/index.ts'
import { json, type Trx } from '../database/index.ts'
import { uuidv7 } from '../ports/index.ts'
import { findUserById } from '../users/index.ts'
import { readEmail } from './address.ts'
import type { Authority } from './authority.ts'
import { type Changes, idOf } from './changes.ts'
import { organisationErrors } from './errors.ts'
import type { Invitations } from './invitations.ts'
import type { Members } from './members.ts'
import { checkMetadata, checkName, checkSlug, refuseReserved } from './names.ts'
import type { OrganisationParts } from './parts.ts'
import { countCreatedBy, insertOrganisation } from './store.ts'
import type { OrganisationRow } from './table.ts'
import { type OrganisationView, organisationView } from './view.ts'

/** An organisation to be made. */
export interface NewOrganisation {
  /** Display text of at most 200 characters. */
  readonly name: string
  /** Short name for addresses: a label of host names. Everybody can find out whether one is taken. */
  readonly slug: string
  /** Id of the account that owns it from the beginning. */
  readonly owner?: string | undefined
  /** Address of somebody who is invited to own it, with an account or without. */
  readonly ownerEmail?: string | undefined
  /** At most 8 KB of JSON for the app. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

const permission = 'write:security:organisations'

/** Each keeps a short name for good, so nobody keeps them all. */
const mostOfOne = 10

/** How organisations come to be. */
export class Creation {
  readonly #parts: OrganisationParts
  readonly #with: {
    readonly authority: Authority
    readonly changes: Changes
    readonly members: Members
    readonly invitations: Invitations
  }

  constructor(
    parts: OrganisationParts,
    with_: {
      readonly authority: Authority
      readonly changes: Changes
      readonly members: Members
      readonly invitations: Invitations
    },
  ) {
    this.#parts = parts
    this.#with = with_
  }

  /** Its first owner gets the role of owners whatever the giver holds: it reaches an empty organisation. */
  async create(input: NewOrganisation, by: By): Promise<OrganisationView> {
    const row = this.#rowOf(input, by)
    const { owner } = input
    if (by.giver && this.#parts.rules.from === 'host') refuseReserved(row.slug)
    return this.#parts.database.transaction(async (trx) => {
      if (owner !== undefined) {
        await this.#parts.revocations.announce(trx, { kind: 'user', id: owner })
      }
      // Nodes remember which names are nobody's.
      await this.#parts.revocations.announce(trx, { kind: 'organisation', id: row.id })
      await this.#demand(trx, input, { by, createdBy: row.created_by })
      if (!(await insertOrganisation(trx, row))) throw organisationErrors.organisation_exists()
      const payload = { organisationId: row.id }
      await this.#with.changes.record(trx, 'organisation.created', { payload, by })
      if (owner !== undefined) await this.#appoint(trx, row, { userId: owner, by })
      await this.#invite(trx, row, { email: input.ownerEmail, by })
      return organisationView(row)
    })
  }

  /** Where everybody may, everybody makes some for themselves alone. Whoever may make any makes more. */
  async #demand(
    trx: Trx,
    { owner, ownerEmail }: NewOrganisation,
    { by, createdBy }: { readonly by: By; readonly createdBy: string | null },
  ): Promise<void> {
    const { giver } = by
    if (!giver) return
    const isOwn = owner === giver.userId && ownerEmail === undefined && giver.roles.length > 0
    const isOpen = isOwn && this.#parts.rules.create === 'everyone'
    if (isOpen && (await countCreatedBy(trx, createdBy ?? giver.userId)) < mostOfOne) return
    try {
      await this.#with.authority.demandEverywhere(trx, giver, permission)
    } catch (error) {
      if (isOpen) throw organisationErrors.organisation_limit({ cause: error })
      throw error
    }
  }

  async #appoint(
    trx: Trx,
    organisation: OrganisationRow,
    { by, userId }: { readonly userId: string; readonly by: By },
  ): Promise<void> {
    const { members } = this.#with
    const user = await findUserById(trx, userId)
    if (!user || !members.mayJoin(user, organisation)) throw organisationErrors.member_ineligible()
    const roles = [this.#parts.rules.ownerRole]
    // Whoever may make one says who owns it first, whatever they hold, and for however long.
    const first = { organisationId: organisation.id, userId, roles, by, giverId: undefined }
    await members.join(trx, first)
  }

  async #invite(
    trx: Trx,
    organisation: OrganisationRow,
    { by, email }: { readonly email: string | undefined; readonly by: By },
  ): Promise<void> {
    if (email === undefined) return
    await this.#with.invitations.sendFirst(trx, organisation, { email: readEmail(email), by })
  }

  #rowOf({ metadata = {}, name, slug }: NewOrganisation, by: By): OrganisationRow {
    checkName(name)
    checkSlug(slug)
    checkMetadata(metadata)
    const { clock, random } = this.#parts
    const now = clock.now()
    return {
      id: uuidv7(now, random),
      slug,
      name,
      status: 'active',
      policy: '{}',
      metadata: json.encode(metadata),
      created_at: now,
      created_by: idOf(by) ?? by.giver?.userId ?? null,
    }
  }
}
