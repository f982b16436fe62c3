import type { By } from '../access/index.ts'
import { cursorOf, readCursor } from '../http/index.ts'
import { Authority } from './authority.ts'
import { Changes } from './changes.ts'
import { Creation, type NewOrganisation } from './creation.ts'
import { organisationErrors } from './errors.ts'
import {
  type Acceptance,
  Invitations,
  type NewMemberInvitation,
  type SeenInvitation,
} from './invitations.ts'
import { findMembership, findOrganisationsOf, type Membership } from './member-store.ts'
import { type MemberQuery, type MemberRoleChange, Members, type NewMember } from './members.ts'
import type { OrganisationParts } from './parts.ts'
import type { OrganisationPolicy } from './policy.ts'
import { type OrganisationChanges, Standing } from './standing.ts'
import { findOrganisation, findOrganisations } from './store.ts'
import {
  type InvitationView,
  type MemberPage,
  type MemberView,
  type OrganisationPage,
  type OrganisationView,
  type OwnOrganisation,
  organisationView,
} from './view.ts'

/** Which organisations to show. */
export interface OrganisationQuery {
  readonly status?: 'active' | 'closed' | undefined
  /** Default 50, at most 200. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/**
 * Organisations, their members, and the roles that members hold there. An organisation is named by its
 * id or its short name. Every method that changes takes `by`: on whose authority and for what record;
 * with a giver it throws `organisation_not_found` where they are no member, and `forbidden` or
 * `role_outranks_giver` where they may not.
 */
export class Organisations {
  readonly #parts: OrganisationParts
  readonly #creation: Creation
  readonly #standing: Standing
  readonly #members: Members
  readonly #invitations: Invitations

  constructor(parts: OrganisationParts) {
    const authority = new Authority(parts)
    const changes = new Changes(parts, authority)
    const members = new Members(parts, { authority, changes })
    const invitations = new Invitations(parts, { authority, changes, members })
    this.#parts = parts
    this.#members = members
    this.#invitations = invitations
    this.#standing = new Standing(parts, changes)
    this.#creation = new Creation(parts, { authority, changes, members, invitations })
  }

  /** Makes one. Throws `organisation_exists` for a short name that is taken, `member_ineligible` for an owner who cannot be one. */
  create(organisation: NewOrganisation, by: By = {}): Promise<OrganisationView> {
    return this.#creation.create(organisation, by)
  }

  /** One by id or short name, closed ones too. */
  async find(reference: string): Promise<OrganisationView | undefined> {
    const row = await findOrganisation(this.#parts.database.reader, reference)
    return row && organisationView(row)
  }

  /** Page by page, in the order of their creation. */
  async list({ after, limit = 50, status }: OrganisationQuery = {}): Promise<OrganisationPage> {
    const size = Math.min(Math.max(limit, 1), 200)
    const end = after === undefined ? undefined : readCursor(after)
    const rows = await findOrganisations(this.#parts.database.reader, {
      limit: size + 1,
      ...(status === undefined ? {} : { status }),
      ...(end ? { after: { createdAt: end.at, id: end.id } } : {}),
    })
    const shown = rows.slice(0, size)
    const last = shown.at(-1)
    const next = last && rows.length > size ? cursorOf({ at: last.created_at, id: last.id }) : null
    return { organisations: shown.map(organisationView), next }
  }

  /** The active organisations somebody belongs to, with the roles held there. */
  async listOf(userId: string): Promise<readonly OwnOrganisation[]> {
    const { clock, database } = this.#parts
    const rows = await findOrganisationsOf(database.reader, userId, clock.now())
    return rows.map(({ joined_at: joinedAt, ...row }) => ({ ...row, joinedAt }))
  }

  /** Somebody's place in an active organisation, and what it demands of them. */
  async membership(reference: string, userId: string): Promise<Membership | undefined> {
    const { clock, database } = this.#parts
    const question = { organisation: reference, userId, now: clock.now() }
    const found = await findMembership(database.reader, question)
    return found?.organisation.status === 'active' ? found : undefined
  }

  /** Changes the name, the short name, the policy or the metadata. Throws `organisation_exists`, `organisation_shuts_out`. */
  change(reference: string, changes: OrganisationChanges, by: By = {}): Promise<OrganisationView> {
    return this.#standing.change(reference, changes, by)
  }

  /** Changes the name. */
  rename(reference: string, name: string, by: By = {}): Promise<OrganisationView> {
    return this.change(reference, { name }, by)
  }

  /** Replaces what is demanded of members. */
  setPolicy(reference: string, policy: OrganisationPolicy, by: By = {}): Promise<OrganisationView> {
    return this.change(reference, { policy }, by)
  }

  /** Closes it for good: its members find it no more and its invitations end. */
  close(reference: string, by: By = {}): Promise<void> {
    return this.#standing.close(reference, by)
  }

  /** Members page by page, in the order in which they joined. Throws `organisation_not_found`. */
  async members(reference: string, query: MemberQuery = {}): Promise<MemberPage> {
    return this.#members.list(await this.#idOf(reference), query)
  }

  /** One member. */
  async member(reference: string, userId: string): Promise<MemberView | undefined> {
    const id = await this.#idOf(reference)
    return this.#members.find(this.#parts.database.reader, id, userId)
  }

  /** Adds an account without asking its owner. Throws `member_exists`, `member_ineligible`, `role_unknown`. */
  addMember(reference: string, member: NewMember, by: By = {}): Promise<void> {
    return this.#members.add(reference, member, by)
  }

  /** Removes a member with their roles there, and ends the invitations they sent. Throws `member_not_found`, `last_owner`. */
  removeMember(reference: string, userId: string, by: By = {}): Promise<void> {
    return this.#members.removeMember(reference, userId, by)
  }

  /** Ends a membership for the member themselves. Throws `last_owner`. */
  leave(reference: string, userId: string, by: By = {}): Promise<void> {
    return this.#members.leave(reference, userId, by)
  }

  /** Gives a member a role there; one that is held stays as it is. Throws `role_unknown`, `role_not_for_organisations`. */
  grantRole(reference: string, change: MemberRoleChange, by: By = {}): Promise<void> {
    return this.#members.grantRole(reference, change, by)
  }

  /** Takes a role, and ends the invitations that the member sent. Throws `grant_missing`, `last_owner`. */
  withdrawRole(
    reference: string,
    change: Omit<MemberRoleChange, 'expiresAt'>,
    by: By = {},
  ): Promise<void> {
    return this.#members.withdrawRole(reference, change, by)
  }

  /** Mails an invitation; what waits for the same address there ends. Throws `rate_limited` for an address that had its share. */
  invite(reference: string, invitation: NewMemberInvitation, by: By = {}): Promise<InvitationView> {
    return this.#invitations.invite(reference, invitation, by)
  }

  /** Throws `rate_limited` for a client that has caused too many mails. */
  limitClient(clientKey: string): Promise<void> {
    return this.#invitations.limitClient(clientKey)
  }

  /** Invitations that wait, the oldest first; at most 1,000. */
  async invitations(reference: string): Promise<readonly InvitationView[]> {
    return this.#invitations.list(await this.#idOf(reference))
  }

  /** Ends an invitation. Throws `invitation_not_found`. */
  revokeInvitation(reference: string, id: string, by: By = {}): Promise<void> {
    return this.#invitations.revoke(reference, id, by)
  }

  /** What an invitation says that can be accepted, where it is opened in `realm`. Changes nothing. */
  inspectInvitation(token: string, realm?: string): Promise<SeenInvitation | undefined> {
    return this.#invitations.inspect(token, realm)
  }

  /** Makes the owner of the invited address a member; works once. Throws `invitation_invalid`, whatever the cause. */
  async acceptInvitation(acceptance: Acceptance): Promise<Membership> {
    const id = await this.#invitations.accept(acceptance)
    const membership = await this.membership(id, acceptance.userId)
    if (!membership) throw organisationErrors.invitation_invalid()
    return membership
  }

  /** The job that forgets invitations whose time is over. */
  sweep(signal?: AbortSignal): Promise<void> {
    return this.#invitations.sweep(signal)
  }

  async #idOf(reference: string): Promise<string> {
    const row = await findOrganisation(this.#parts.database.reader, reference)
    if (!row) throw organisationErrors.organisation_not_found()
    return row.id
  }
}
