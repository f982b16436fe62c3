import { didYouMean } from '../config/index.ts'
import type { Database, Db, Trx } from '../database/index.ts'
import type { SecurityError } from '../errors/index.ts'
import type { Actor, Origin, Recorder } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { accessErrors } from './errors.ts'
import type { PermissionSet } from './permission-set.ts'
import type { RoleBook } from './roles.ts'
import {
  deleteGrant,
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
}

/** A change of somebody's roles. `giver` is absent for code and the command line, which hold all. */
export interface RoleChange {
  readonly userId: string
  readonly role: string
  readonly actor: Actor
  readonly giver?: { readonly userId: string; readonly permissions: PermissionSet }
  readonly reason?: string
  /** Epoch milliseconds; absent: until withdrawn. */
  readonly expiresAt?: number
  readonly origin?: Origin
}

/** Somebody's roles now and the instant at which the first of them runs out. */
export interface HeldRoles {
  readonly roles: readonly string[]
  readonly nextExpiry: number | undefined
}

/** Who holds which role, and what the roles hold. */
export class Access {
  /** All roles of this installation. */
  readonly roles: RoleBook
  readonly #parts: AccessParts

  constructor(parts: AccessParts) {
    this.#parts = parts
    this.roles = parts.roles
  }

  /** What somebody who holds these roles may do. Unknown roles hold nothing. */
  permissionsOf(roles: readonly string[]): PermissionSet {
    return this.roles.permissionsOf(roles)
  }

  /**
   * The roles somebody holds now.
   * @internal takes a handle of ours
   */
  async rolesOf(db: Db, userId: string): Promise<HeldRoles> {
    const now = this.#parts.clock.now()
    const roles = await findRoles(db, userId, now)
    return { roles, nextExpiry: await findNextExpiry(db, userId, now) }
  }

  /**
   * Gives a role; false when it is held already. Rules of Z2: see `#mayChange`.
   * @internal takes a transaction of ours
   */
  async grant(trx: Trx, change: RoleChange): Promise<boolean> {
    this.#mayChange(change)
    const now = this.#parts.clock.now()
    const row = grantRow(change, now)
    await this.#parts.revocations.announce(trx, { kind: 'user', id: change.userId })
    const added = (await insertGrant(trx, row)) || (await renewExpiredGrant(trx, row, now))
    if (!added) return false
    await this.#record(trx, 'role.granted', change)
    return true
  }

  /**
   * Gives a new account a role. Nobody remembers anything of it yet, so nothing is revoked.
   * @internal takes a transaction of ours
   */
  async grantFirst(trx: Trx, change: RoleChange): Promise<void> {
    this.#mayChange(change)
    const row = grantRow(change, this.#parts.clock.now())
    if (await insertGrant(trx, row)) await this.#record(trx, 'role.granted', change)
  }

  /**
   * Takes a role away. The last active super administrator stays.
   * @internal takes a transaction of ours
   */
  async withdraw(trx: Trx, change: RoleChange): Promise<void> {
    this.#mayChange(change)
    await this.#parts.revocations.announce(trx, { kind: 'user', id: change.userId })
    if (!(await deleteGrant(trx, change.userId, change.role))) throw accessErrors.grant_missing()
    if (change.role === this.#parts.superAdminRole) await this.keepOneSuperAdmin(trx, change.userId)
    await this.#record(trx, 'role.withdrawn', change)
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
   */
  refuseAuthority(
    giver: { readonly userId: string; readonly roles: readonly string[] },
    target: { readonly userId: string; readonly roles: readonly string[] },
  ): void {
    if (giver.userId === target.userId) throw accessErrors.own_account_unchangeable()
    this.#refuseOutranked(this.permissionsOf(giver.roles), target.roles)
  }

  #mayChange({ role, giver, userId }: RoleChange): void {
    if (!this.roles.has(role)) throw this.#unknownRole(role)
    if (!giver) return
    if (giver.userId === userId) throw accessErrors.own_roles_unchangeable()
    this.#refuseOutranked(giver.permissions, [role])
  }

  /** Names the roles that there are: who gets here may give roles, and nobody else does. */
  #unknownRole(role: string): SecurityError {
    const roles = this.roles.names
    const explanation = `there is no role '${role}'.${didYouMean(role, roles)} The roles are ${roles.join(', ')}`
    return accessErrors.role_unknown({ members: { roles }, explanation })
  }

  /** Allowances and denials alike: taking a denial away gives what it denied. */
  #refuseOutranked(giver: PermissionSet, roles: readonly string[]): void {
    const held = this.permissionsOf(roles)
    const patterns = [...held.patterns, ...held.denied]
    if (!patterns.every((pattern) => giver.covers(pattern)))
      throw accessErrors.role_outranks_giver()
  }

  async #record(trx: Trx, name: 'role.granted' | 'role.withdrawn', change: RoleChange) {
    await this.#parts.recorder.record(trx, {
      name,
      actor: change.actor,
      resource: { kind: 'user', id: change.userId },
      ...(change.reason === undefined ? {} : { reason: change.reason }),
      ...(change.origin ? { origin: change.origin } : {}),
      payload: {
        userId: change.userId,
        role: change.role,
        ...(change.expiresAt === undefined ? {} : { expiresAt: change.expiresAt }),
      },
    })
  }
}

function grantRow(change: RoleChange, now: number): GrantRow {
  return {
    user_id: change.userId,
    role: change.role,
    granted_at: now,
    granted_by: change.giver?.userId ?? null,
    reason: change.reason ?? null,
    expires_at: change.expiresAt ?? null,
  }
}
