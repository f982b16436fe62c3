import { accessErrors, type By, earlier } from '../access/index.ts'
import type { Db, Trx } from '../database/index.ts'
import { commonErrors } from '../errors/index.ts'
import { cursorOf, readCursor } from '../http/index.ts'
import { defaultRealm, findUserById, mayHoldSession, type UserRow } from '../users/index.ts'
import type { Authority } from './authority.ts'
import { type Changed, type Changes, idOf } from './changes.ts'
import { organisationErrors } from './errors.ts'
import { revokeInvitations } from './invitation-store.ts'
import {
  deleteMember,
  deleteMemberRole,
  findMemberRoles,
  findMembers,
  hasOtherHolder,
  insertMember,
  putMemberRole,
} from './member-store.ts'
import type { OrganisationParts } from './parts.ts'
import { refuseRole, refuseRoles } from './roles.ts'
import type { MemberRoleRow, OrganisationRow } from './table.ts'
import { type MemberPage, type MemberView, memberView } from './view.ts'

/** Which members to show. */
export interface MemberQuery {
  /** Default 50, at most 200. */
  readonly limit?: number | undefined
  /** `next` of the page before. */
  readonly after?: string | undefined
}

/** Somebody who becomes a member. */
export interface NewMember {
  readonly userId: string
  /** Default: the option `organisations.memberRole`. */
  readonly roles?: readonly string[] | undefined
}

/** A role of a member. */
export interface MemberRoleChange {
  readonly userId: string
  readonly role: string
  /** Epoch milliseconds; absent: until withdrawn. */
  readonly expiresAt?: number | undefined
}

/** Somebody who joins, and with what. */
export interface JoiningMember {
  readonly organisationId: string
  readonly userId: string
  readonly roles: readonly string[]
  readonly by: By
  /** Whose gift the roles are, so that they end with what that account holds; undefined: nobody's. */
  readonly giverId: string | undefined
}

const write = 'write:security:members'
const remove = 'delete:security:members'

/** Who belongs to an organisation, and which roles they hold there. */
export class Members {
  readonly #parts: OrganisationParts
  readonly #authority: Authority
  readonly #changes: Changes

  constructor(
    parts: OrganisationParts,
    with_: { readonly authority: Authority; readonly changes: Changes },
  ) {
    this.#parts = parts
    this.#authority = with_.authority
    this.#changes = with_.changes
  }

  async list(organisationId: string, { after, limit = 50 }: MemberQuery): Promise<MemberPage> {
    const { reader } = this.#parts.database
    const size = Math.min(Math.max(limit, 1), 200)
    const end = after === undefined ? undefined : readCursor(after)
    const rows = await findMembers(reader, organisationId, {
      limit: size + 1,
      ...(end ? { after: { joinedAt: end.at, userId: end.id } } : {}),
    })
    const shown = rows.slice(0, size)
    const userIds = shown.map((row) => row.user_id)
    const roles = await findMemberRoles(reader, organisationId, { userIds, now: this.#now() })
    const last = shown.at(-1)
    const next =
      last && rows.length > size ? cursorOf({ at: last.joined_at, id: last.user_id }) : null
    return { members: shown.map((row) => memberView(row, roles)), next }
  }

  async find(db: Db, organisationId: string, userId: string): Promise<MemberView | undefined> {
    const [facts] = await findMembers(db, organisationId, { userId, limit: 1 })
    if (!facts) return undefined
    const roles = await this.#rolesOf(db, organisationId, userId)
    return memberView(facts, roles)
  }

  async add(reference: string, member: NewMember, by: By): Promise<void> {
    const { roles = [this.#parts.rules.memberRole], userId } = member
    await refuseRoles(this.#parts, roles, by.giver)
    return this.#changes.run({ reference, by, permission: write, userId }, async ({ row, trx }) => {
      const organisationId = row.id
      if (by.giver) await this.#authority.refuseOutranked(trx, by.giver, { organisationId, roles })
      const user = await findUserById(trx, userId)
      if (!user || !this.mayJoin(user, row)) throw organisationErrors.member_ineligible()
      const giverId = by.giver?.userId
      const added = await this.join(trx, { organisationId, userId, roles, by, giverId })
      if (!added) throw organisationErrors.member_exists()
    })
  }

  /** Only accounts that are in use and proven, of the realm that the organisation's members are of. */
  mayJoin(user: UserRow, organisation: Pick<OrganisationRow, 'id'>): boolean {
    const isolated = this.#parts.rules.tenancy === 'isolated'
    const realm = isolated ? organisation.id : defaultRealm
    return user.realm === realm && user.verified_at !== null && mayHoldSession(user, this.#now())
  }

  /** Adds a member with roles; false when they belonged already, and got none. */
  async join(trx: Trx, member: JoiningMember): Promise<boolean> {
    const { by, giverId, organisationId, roles, userId } = member
    const added = await insertMember(trx, {
      organisation_id: organisationId,
      user_id: userId,
      joined_at: this.#now(),
      added_by: idOf(by),
    })
    if (!added) return false
    const payload = { organisationId, userId }
    await this.#changes.record(trx, 'organisation.member_added', { payload, by })
    for (const role of roles) {
      await this.#give(trx, { organisationId, giverId }, { change: { userId, role }, by })
    }
    return true
  }

  removeMember(reference: string, userId: string, by: By): Promise<void> {
    return this.#changes.run({ reference, by, permission: remove, userId }, async (changed) => {
      await this.#refuseAuthority(changed, userId, { by, roles: [] })
      await this.#delete(changed, userId, by)
    })
  }

  /** Ends one's own membership. */
  leave(reference: string, userId: string, by: By): Promise<void> {
    return this.#changes.run({ reference, by, userId }, (changed) =>
      this.#delete(changed, userId, by),
    )
  }

  async grantRole(reference: string, change: MemberRoleChange, by: By): Promise<void> {
    const { expiresAt, role, userId } = change
    await refuseRoles(this.#parts, [role], by.giver)
    this.#refusePast(expiresAt)
    return this.#changes.run({ reference, by, permission: write, userId }, async (changed) => {
      await this.#refuseAuthority(changed, userId, { by, roles: [role] })
      const { row, trx } = changed
      const place = { organisationId: row.id, giverId: by.giver?.userId }
      await this.#give(trx, place, { change, by })
    })
  }

  withdrawRole(
    reference: string,
    { role, userId }: Omit<MemberRoleChange, 'expiresAt'>,
    by: By,
  ): Promise<void> {
    return this.#changes.run({ reference, by, permission: write, userId }, async (changed) => {
      await this.#refuseAuthority(changed, userId, { by, roles: [role] })
      const { row, trx } = changed
      const key = { organisation_id: row.id, user_id: userId }
      if (!(await deleteMemberRole(trx, key, role))) throw accessErrors.grant_missing()
      if (role === this.#parts.rules.ownerRole) await this.#keepOneOwner(changed, userId)
      await this.#endInvitationsBy(changed, userId)
      const payload = { organisationId: row.id, userId, role }
      await this.#changes.record(trx, 'organisation.role_withdrawn', { payload, by })
    })
  }

  /** They belong there, are not the giver, and hold nothing there that the giver lacks; nor do `roles`. */
  async #refuseAuthority(
    { row, trx }: Changed,
    userId: string,
    { by, roles }: { readonly by: By; readonly roles: readonly string[] },
  ): Promise<void> {
    const organisationId = row.id
    const member = await this.find(trx, organisationId, userId)
    if (!member) throw organisationErrors.member_not_found()
    if (!by.giver) return
    if (by.giver.userId === userId) throw accessErrors.own_roles_unchangeable()
    const all = [...roles, ...member.roles.map(({ role }) => role)]
    await this.#authority.refuseOutranked(trx, by.giver, { organisationId, roles: all })
  }

  /** Until the giver holds it no longer: nobody makes what they hold for a while last. */
  async #give(
    trx: Trx,
    {
      giverId,
      organisationId,
    }: { readonly organisationId: string; readonly giverId: string | undefined },
    { by, change }: { readonly change: MemberRoleChange; readonly by: By },
  ): Promise<void> {
    const { role, userId } = change
    await this.#parts.access.settleRoles(trx, [role])
    refuseRole(this.#parts, role, by.giver)
    const giver = giverId === undefined ? undefined : { userId: giverId, organisationId }
    const end = giver && (await this.#authority.endOfRole(trx, giver, role))
    const expiresAt = earlier(change.expiresAt, end)
    const row: MemberRoleRow = {
      organisation_id: organisationId,
      user_id: userId,
      role,
      granted_at: this.#now(),
      granted_by: idOf(by),
      reason: by.reason ?? null,
      expires_at: expiresAt ?? null,
    }
    if (!(await putMemberRole(trx, row, row.granted_at))) return
    const until = expiresAt === undefined ? {} : { expiresAt }
    const payload = { organisationId, userId, role, ...until }
    await this.#changes.record(trx, 'organisation.role_granted', { payload, by })
  }

  async #delete(changed: Changed, userId: string, by: By): Promise<void> {
    const { row, trx } = changed
    const roles = await this.#rolesOf(trx, row.id, userId)
    const key = { organisation_id: row.id, user_id: userId }
    if (!(await deleteMember(trx, key))) throw organisationErrors.member_not_found()
    const { ownerRole } = this.#parts.rules
    if (roles.some(({ role }) => role === ownerRole)) await this.#keepOneOwner(changed, userId)
    await this.#endInvitationsBy(changed, userId)
    await this.#endInvitationsTo(changed, userId)
    const payload = { organisationId: row.id, userId }
    await this.#changes.record(trx, 'organisation.member_removed', { payload, by })
  }

  /** The announcement's row lock makes two such changes wait for each other; then others are looked for. */
  async #keepOneOwner({ row, trx }: Changed, userId: string): Promise<void> {
    const key = { organisation_id: row.id, user_id: userId }
    const kept = await hasOtherHolder(trx, key, this.#parts.rules.ownerRole)
    if (!kept) throw organisationErrors.last_owner()
  }

  /** What somebody gave who has less to give now. */
  async #endInvitationsBy({ row, trx }: Changed, userId: string): Promise<void> {
    const ended = { organisationId: row.id, invitedBy: userId, now: this.#now() }
    await revokeInvitations(trx, ended)
  }

  /** What waits in the mailbox of somebody who was removed would bring them back. */
  async #endInvitationsTo({ row, trx }: Changed, userId: string): Promise<void> {
    const emailCanonical = (await findUserById(trx, userId))?.email_canonical
    if (emailCanonical === undefined) return
    const invited = { userId, emailCanonical }
    await revokeInvitations(trx, { organisationId: row.id, invited, now: this.#now() })
  }

  #rolesOf(db: Db, organisationId: string, userId: string) {
    return findMemberRoles(db, organisationId, { userIds: [userId], now: this.#now() })
  }

  #refusePast(expiresAt: number | undefined): void {
    if (expiresAt === undefined || expiresAt > this.#now()) return
    const detail = 'This end lies in the future, in epoch milliseconds.'
    throw commonErrors.invalid_request({
      faults: [{ pointer: '#/body/expiresAt', code: 'in_the_past', detail }],
      explanation: `expiresAt: ${detail}`,
    })
  }

  #now(): number {
    return this.#parts.clock.now()
  }
}
