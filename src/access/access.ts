import type { Database, Db, Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import type { Explanation } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { findUserById, mayHoldSession } from '../users/index.ts'
import type { CustomRoleReader } from './custom-role-reader.ts'
import { accessErrors } from './errors.ts'
import { unanswered } from './explain.ts'
import type { ExplainQuestion, OrganisationRoles } from './explain-question.ts'
import { grantRow } from './grant-row.ts'
import { earlier, endOfHolding, rolesAt } from './lasting.ts'
import type { PermissionSet } from './permission-set.ts'
import type { Permissions } from './permissions.ts'
import { type Reach, type ReachCaller, reachOf } from './reach.ts'
import { AccessRefusals } from './refusals.ts'
import type { Giver, HeldRoles, RoleChange } from './role-change.ts'
import { refuseNaming } from './role-naming.ts'
import { recordRoleChange } from './role-record.ts'
import type { RoleBook } from './roles.ts'
import { rowSecurityScript } from './row-security.ts'
import {
  deleteGrant,
  findGrants,
  findNextExpiry,
  findRoles,
  hasOtherHolder,
  insertGrant,
  renewExpiredGrant,
} from './store.ts'
import type { GrantRow } from './table.ts'

export interface AccessParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
  readonly roles: RoleBook
  readonly superAdminRole: string
  /** Roles that somebody holds in an organisation now, of its id or short name; `id` is its id. */
  readonly organisationRoles?: (
    db: Db,
    membership: { readonly userId: string; readonly organisation: string },
  ) => Promise<OrganisationRoles | undefined>
  /** Keeps the book up to date with the roles that administrators make. */
  readonly customRoles?: Pick<CustomRoleReader, 'refresh' | 'reload'>
}

/** Who holds which role, and what the roles hold. */
export class Access {
  /** All roles of this installation. */
  readonly roles: RoleBook
  /**
   * Refusals that wait to be recorded.
   * @internal for adapters
   */
  readonly refusals: AccessRefusals
  readonly #parts: AccessParts

  constructor(parts: AccessParts) {
    this.#parts = parts
    this.roles = parts.roles
    this.refusals = new AccessRefusals(parts)
  }

  /** What somebody who holds these roles may do. Unknown roles hold nothing. */
  permissionsOf(roles: readonly string[]): PermissionSet {
    return this.roles.permissionsOf(roles)
  }

  /** The same, with roles that are held in the organisation that is asked about. */
  permissionsIn(roles: readonly string[], organisationRoles: readonly string[]): PermissionSet {
    return this.roles.permissionsIn(roles, organisationRoles)
  }

  /** The questions that a caller with these permissions answers. */
  reach(permissions: Permissions, caller: ReachCaller): Reach {
    const { clock, database } = this.#parts
    const { vocabulary } = this.roles
    return reachOf(permissions, caller, { clock, vocabulary, dialect: database.dialect })
  }

  /** The rule that decides on somebody's permission, and every rule that has a say. */
  async explain(question: ExplainQuestion): Promise<Explanation> {
    const { attributes, level = 2, object, permission, userId } = question
    const db = this.#parts.database.reader
    const user = await findUserById(db, userId)
    if (!user) return unanswered(permission, 'user_unknown')
    const isInUse = mayHoldSession(user, this.#parts.clock.now())
    if (!isInUse) return unanswered(permission, 'account_closed')
    const { roles } = await this.rolesOf(db, userId)
    const member = await this.#membership(db, question)
    if (question.organisation !== undefined && !member) {
      return unanswered(permission, 'organisation_unknown')
    }
    const permissions = this.permissionsIn(roles, member?.roles ?? [])
    const reach = this.reach(permissions, {
      ...{ userId, level, requiredLevel: 1, roles: [...roles, ...(member?.roles ?? [])] },
      ...(member ? { organisation: member.id } : {}),
    })
    return reach.explain(permission, object, attributes ? { attributes } : {})
  }

  /**
   * SQL by which PostgreSQL applies the rules of all roles there are now to every statement; see
   * `setCaller`. Throws `table_shared` where two resources are the same table.
   */
  async rowSecurity(): Promise<string> {
    await this.refreshRoles(this.#parts.database.reader)
    return rowSecurityScript(this.roles)
  }

  async #membership(db: Db, { organisation, userId }: ExplainQuestion) {
    if (organisation === undefined) return undefined
    return this.#parts.organisationRoles?.(db, { userId, organisation })
  }

  /**
   * The roles somebody holds now.
   * @internal takes a handle of ours
   */
  async rolesOf(db: Db, userId: string): Promise<HeldRoles> {
    await this.refreshRoles(db)
    const now = this.#parts.clock.now()
    const roles = await findRoles(db, userId, now)
    return { roles, nextExpiry: await findNextExpiry(db, userId, now) }
  }

  /**
   * Reads the roles that administrators made, where somebody changed them, before anything is judged by
   * them. `rolesOf` does it too.
   * @internal takes a handle of ours
   */
  async refreshRoles(db: Db): Promise<void> {
    await this.#parts.customRoles?.refresh(db)
  }

  /**
   * Reads them whatever is known, before one of these is given. Whoever gives announces first: that row's
   * lock makes a gift and the removal of the role wait for each other. Before that it is a first look.
   * @internal takes a handle of ours
   */
  async settleRoles(trx: Db, roles: readonly string[]): Promise<void> {
    if (roles.every((role) => this.roles.isFixed(role))) return
    await this.#parts.customRoles?.reload(trx)
  }

  /**
   * The grants that somebody holds now: since when, and by whom.
   * @internal takes a handle of ours
   */
  grantsOf(db: Db, userId: string): Promise<readonly GrantRow[]> {
    return findGrants(db, userId, this.#parts.clock.now())
  }

  /**
   * Gives a role; false when it is held already. Rules of Z2: see `#announce`.
   * @internal takes a transaction of ours
   */
  async grant(trx: Trx, asked: RoleChange): Promise<boolean> {
    const now = this.#parts.clock.now()
    await this.#announce(trx, asked)
    const change = await this.#ended(trx, asked)
    const row = grantRow(change, now)
    const added = (await insertGrant(trx, row)) || (await renewExpiredGrant(trx, row, now))
    if (!added) return false
    await recordRoleChange(this.#parts.recorder, trx, { name: 'role.granted', change })
    return true
  }

  /**
   * Gives a new account a role. Nobody remembers anything of it yet, so nothing is revoked.
   * @internal takes a transaction of ours
   */
  async grantFirst(trx: Trx, asked: RoleChange): Promise<void> {
    if (!this.roles.isFixed(asked.role)) await this.#announceUser(trx, asked)
    refuseNaming(this.roles, asked)
    if (asked.giver) await this.refuseOutranked(trx, asked.giver, [asked.role])
    const change = await this.#ended(trx, asked)
    if (!(await insertGrant(trx, grantRow(change, this.#parts.clock.now())))) return
    await recordRoleChange(this.#parts.recorder, trx, { name: 'role.granted', change })
  }

  /**
   * Takes a role away. The last active super administrator stays.
   * @internal takes a transaction of ours
   */
  async withdraw(trx: Trx, change: RoleChange): Promise<void> {
    await this.#announce(trx, change)
    if (!(await deleteGrant(trx, change.userId, change.role))) throw accessErrors.grant_missing()
    if (change.role === this.#parts.superAdminRole) await this.keepOneSuperAdmin(trx, change.userId)
    await recordRoleChange(this.#parts.recorder, trx, { name: 'role.withdrawn', change })
  }

  /**
   * Throws unless somebody other than `userId` is an active super administrator. The caller has
   * announced its change first: that row's lock makes two such changes wait for each other.
   * @internal takes a transaction of ours
   */
  async keepOneSuperAdmin(trx: Trx, userId: string): Promise<void> {
    if (!(await hasOtherHolder(trx, this.#parts.superAdminRole, userId))) {
      throw accessErrors.last_super_admin()
    }
  }

  /**
   * Throws unless somebody may act on an account as a whole: it is not their own, and it holds nothing
   * that they do not hold.
   * @internal takes a transaction of ours
   */
  async refuseAuthority(
    trx: Trx,
    giver: Giver,
    target: { readonly userId: string; readonly roles: readonly string[] },
  ): Promise<void> {
    if (giver.userId === target.userId) throw accessErrors.own_account_unchangeable()
    await this.refuseOutranked(trx, giver, target.roles)
  }

  /**
   * Throws unless somebody holds all that these roles hold. Allowances and denials alike: taking a
   * denial away gives what it denied.
   * @internal takes a transaction of ours
   */
  async refuseOutranked(trx: Trx, giver: Giver, roles: readonly string[]): Promise<void> {
    await this.refreshRoles(trx)
    await this.refuseBeyond(trx, giver, this.permissionsOf(roles))
  }

  /**
   * The same for permissions, however they come about.
   * @internal takes a transaction of ours
   */
  async refuseBeyond(trx: Trx, giver: Giver, permissions: PermissionSet): Promise<void> {
    for (const own of await this.#authorityOf(trx, giver)) {
      if (!own.coversAll(permissions)) throw accessErrors.role_outranks_giver()
    }
  }

  /**
   * The instant from which a giver no longer holds what `covers` asks for, as roles of theirs run out, in
   * epoch milliseconds; undefined while none of them does. What is given on their authority ends then.
   * @internal takes a transaction of ours
   */
  async endOf(
    trx: Trx,
    { userId }: Giver,
    covers: (held: PermissionSet) => boolean,
  ): Promise<number | undefined> {
    const grants = await this.grantsOf(trx, userId)
    return endOfHolding(grants, (at) => covers(this.permissionsOf(rolesAt(grants, at))))
  }

  /** Nobody gives for longer than they hold it. */
  async #ended(trx: Trx, change: RoleChange): Promise<RoleChange> {
    const { expiresAt, giver, isDefault, role } = change
    if (!giver || isDefault) return change
    const given = this.permissionsOf([role])
    const end = earlier(expiresAt, await this.endOf(trx, giver, (held) => held.coversAll(given)))
    return end === undefined ? change : { ...change, expiresAt: end }
  }

  /**
   * Throws `forbidden` unless somebody may do this, where the policy of a route does not say it.
   * @internal takes a transaction of ours
   */
  async demand(trx: Trx, giver: Giver, permission: string): Promise<void> {
    for (const own of await this.#authorityOf(trx, giver)) {
      if (!own.has(permission)) throw accessErrors.forbidden()
    }
  }

  /** What they held when they asked and what they hold now: whoever was demoted meanwhile does no more. */
  async #authorityOf(trx: Trx, { roles, userId }: Giver): Promise<readonly PermissionSet[]> {
    const now = await this.rolesOf(trx, userId)
    return [this.permissionsOf(roles), this.permissionsOf(now.roles)]
  }

  /**
   * Announces a change of roles, and then refuses it where it is not the giver's to make: they hold
   * all that the role holds, and all that the account holds.
   */
  async #announce(trx: Trx, change: RoleChange): Promise<void> {
    const { giver, role, userId } = change
    await this.#announceUser(trx, change)
    refuseNaming(this.roles, change)
    if (!giver) return
    await this.refuseOutranked(trx, giver, [role])
    const held = await this.rolesOf(trx, userId)
    await this.refuseOutranked(trx, giver, held.roles)
  }

  async #announceUser(trx: Trx, { role, userId }: RoleChange): Promise<void> {
    await this.#parts.revocations.announce(trx, { kind: 'user', id: userId })
    await this.settleRoles(trx, [role])
  }
}
