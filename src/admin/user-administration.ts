import type { Access, RoleChange } from '../access/index.ts'
import { canonicalEmail, canonicalIdentifier, type PasswordHasher } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import type { Actor, Origin, Recorder } from '../events/index.ts'
import { type PasswordPolicy, passwordWords, refuseWeak, setPassword } from '../passwords/index.ts'
import { type Clock, type Random, uuidv7 } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import type { Sessions } from '../sessions/index.ts'
import { checkUsername, deleteRegistrationsOf, signUpErrors } from '../sign-up/index.ts'
import {
  type Activation,
  activateUser,
  changeStatus,
  defaultRealm,
  findUserByEmail,
  findUserById,
  findUserByUsername,
  findUsers,
  insertUser,
  type UserRow,
} from '../users/index.ts'
import { type AccountView, viewOf } from './account-view.ts'
import { adminErrors } from './errors.ts'

export interface UserAdministrationParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly policy: PasswordPolicy
  readonly access: Access
  readonly sessions: Sessions
  readonly revocations: Revocations
  readonly clock: Clock
  readonly random: Random
  readonly appName: string
  readonly defaultRole: string
  readonly superAdminRole: string
}

/** Who does it, for the record. Default: code of the app. */
export interface By {
  readonly actor?: Actor
  readonly reason?: string
  readonly origin?: Origin
  /**
   * On whose authority it happens: then nobody gives, takes, disables or enables what holds more than
   * they hold, or touches their own account. `req.auth` fits. Without it the call is code's own and may do everything.
   */
  readonly giver?: { readonly userId: string; readonly roles: readonly string[] }
}

/** An account that code or the command line makes. Names are checked as in a registration. */
export interface NewAccount {
  readonly email: string
  readonly password: string
  readonly username?: string
  readonly displayName?: string
  readonly companyName?: string
  /** Default: the role of new accounts. */
  readonly roles?: readonly string[]
}

const code: Actor = { kind: 'code' }

/** Accounts as code and the command line handle them: same rules and same record as over HTTP. */
export class UserAdministration {
  readonly #parts: UserAdministrationParts

  constructor(parts: UserAdministrationParts) {
    this.#parts = parts
  }

  /**
   * Makes an active account whose address counts as verified. Throws `email_*`, `username_*`,
   * `weak_password`, `role_unknown`, or `account_exists` when address or name is taken.
   */
  async create(input: NewAccount, by: By = {}): Promise<AccountView> {
    const { access, clock, database, hasher, random } = this.#parts
    const email = canonicalEmail(input.email)
    if (!email.ok) throw signUpErrors[email.code]()
    const name = checkUsername(input.username)
    const roles = input.roles ?? [this.#parts.defaultRole]
    await this.#refuseWeak(input, email.canonical)
    const hash = await hasher.hash(input.password)
    const now = clock.now()
    const row: UserRow = {
      ...emptyUser,
      id: uuidv7(now, random),
      email: email.address,
      email_canonical: email.canonical,
      username: name.username,
      username_canonical: name.usernameCanonical,
      display_name: input.displayName ?? null,
      company_name: input.companyName ?? null,
      created_at: now,
      created_by: actorOf(by).id ?? actorOf(by).kind,
      verified_at: now,
    }
    const id = await database.transaction(async (trx) => {
      const userId = await this.#insert(trx, row)
      await setPassword(trx, { user_id: userId, hash, changed_at: now })
      await this.#record(trx, 'user.created', userId, by)
      for (const role of roles) await access.grantFirst(trx, this.#change(userId, role, by))
      return userId
    })
    return viewOf({ ...row, id }, roles)
  }

  /** An address that somebody registered and never confirmed is taken over, with nothing of theirs. */
  async #insert(trx: Trx, row: UserRow): Promise<string> {
    if (await insertUser(trx, row)) return row.id
    const taken = await findUserByEmail(trx, row.email_canonical)
    const waits = taken && (await activateUser(trx, taken.id, activationOf(row)))
    if (!waits) throw adminErrors.account_exists()
    await deleteRegistrationsOf(trx, taken.id)
    return taken.id
  }

  /** An account by id, e-mail address or username. */
  async find(name: string): Promise<AccountView | undefined> {
    const { access, database } = this.#parts
    const row = await this.#findRow(name)
    return row && viewOf(row, (await access.rolesOf(database.reader, row.id)).roles)
  }

  /** Accounts in the order of their creation. */
  async list(page: { readonly limit?: number; readonly after?: AccountView } = {}) {
    const { access, database } = this.#parts
    const { after, limit = 100 } = page
    const rows = await findUsers(database.reader, {
      limit: Math.min(limit, 500),
      ...(after ? { after } : {}),
    })
    return Promise.all(
      rows.map(async (row) => viewOf(row, (await access.rolesOf(database.reader, row.id)).roles)),
    )
  }

  async grantRole(name: string, role: string, by: By & { readonly expiresAt?: number } = {}) {
    const { access, database } = this.#parts
    const row = await this.#getRow(name)
    const expiry = by.expiresAt === undefined ? {} : { expiresAt: by.expiresAt }
    return database.transaction((trx) =>
      access.grant(trx, { ...this.#change(row.id, role, by), ...expiry }),
    )
  }

  async withdrawRole(name: string, role: string, by: By = {}): Promise<void> {
    const { access, database } = this.#parts
    const row = await this.#getRow(name)
    await database.transaction((trx) => access.withdraw(trx, this.#change(row.id, role, by)))
  }

  /**
   * Sets a password, for somebody who forgot theirs, and ends their sessions. Throws `weak_password`.
   */
  async setPassword(name: string, password: string, by: By = {}): Promise<void> {
    const { clock, database, hasher, sessions } = this.#parts
    const row = await this.#getRow(name)
    await this.#refuseWeak({ ...namesOf(row), password }, row.email_canonical)
    const hash = await hasher.hash(password)
    await database.transaction(async (trx) => {
      await this.#parts.revocations.announce(trx, { kind: 'user', id: row.id })
      await this.#refuseAuthority(trx, row.id, by)
      await setPassword(trx, { user_id: row.id, hash, changed_at: clock.now() })
      await sessions.endAll(trx, row.id, { reason: 'password_set', actor: actorOf(by) })
      await this.#record(trx, 'user.password_set', row.id, by)
    })
  }

  /** Closes an account to its owner and ends its sessions. The last super administrator stays. */
  async disable(name: string, by: By = {}): Promise<void> {
    const { access, database, sessions, superAdminRole } = this.#parts
    const row = await this.#getRow(name)
    await database.transaction(async (trx) => {
      await this.#parts.revocations.announce(trx, { kind: 'user', id: row.id })
      await this.#refuseAuthority(trx, row.id, by)
      const reason = by.reason ?? null
      const change = { from: ['active', 'pending', 'locked'], to: 'disabled', reason } as const
      if (!(await changeStatus(trx, row.id, change))) return
      const { roles } = await access.rolesOf(trx, row.id)
      if (roles.includes(superAdminRole)) await access.keepOneSuperAdmin(trx, row.id)
      const end = { reason: 'account_disabled', actor: actorOf(by) }
      await sessions.endAll(trx, row.id, end)
      await this.#record(trx, 'user.disabled', row.id, by)
    })
  }

  /** Opens a disabled account again. */
  async enable(name: string, by: By = {}): Promise<void> {
    const row = await this.#getRow(name)
    const to = row.verified_at === null ? 'pending' : 'active'
    await this.#parts.database.transaction(async (trx) => {
      await this.#parts.revocations.announce(trx, { kind: 'user', id: row.id })
      await this.#refuseAuthority(trx, row.id, by)
      const change = { from: ['disabled'], to, reason: by.reason ?? null } as const
      if (await changeStatus(trx, row.id, change))
        await this.#record(trx, 'user.enabled', row.id, by)
    })
  }

  async #refuseAuthority(trx: Trx, userId: string, { giver }: By): Promise<void> {
    if (!giver) return
    const { access } = this.#parts
    access.refuseAuthority(giver, { userId, roles: (await access.rolesOf(trx, userId)).roles })
  }

  #change(userId: string, role: string, by: By): RoleChange {
    const { giver, origin, reason } = by
    const permissions = giver && this.#parts.access.permissionsOf(giver.roles)
    return {
      userId,
      role,
      actor: actorOf(by),
      ...(giver && permissions ? { giver: { userId: giver.userId, permissions } } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(origin ? { origin } : {}),
    }
  }

  async #refuseWeak(
    input: Pick<NewAccount, 'password' | 'username' | 'displayName'>,
    email: string,
  ): Promise<void> {
    const { appName, policy } = this.#parts
    const words = passwordWords([appName, email, input.username, input.displayName])
    refuseWeak(await policy.check(input.password, words))
  }

  async #getRow(name: string): Promise<UserRow> {
    const row = await this.#findRow(name)
    if (!row) throw adminErrors.account_not_found()
    return row
  }

  async #findRow(name: string): Promise<UserRow | undefined> {
    const { reader } = this.#parts.database
    const byId = await findUserById(reader, name)
    if (byId) return byId
    const identifier = canonicalIdentifier(name)
    if (identifier.kind === 'email') return findUserByEmail(reader, identifier.canonical)
    return identifier.kind === 'username'
      ? findUserByUsername(reader, identifier.canonical)
      : undefined
  }

  async #record(
    trx: Trx,
    name: 'user.created' | 'user.disabled' | 'user.enabled' | 'user.password_set',
    userId: string,
    by: By,
  ): Promise<void> {
    await this.#parts.recorder.record(trx, {
      name,
      actor: actorOf(by),
      resource: { kind: 'user', id: userId },
      ...(by.reason === undefined ? {} : { reason: by.reason }),
      ...(by.origin ? { origin: by.origin } : {}),
      payload: { userId },
    })
  }
}

function actorOf({ actor, giver }: By): Actor {
  return actor ?? (giver ? { kind: 'user', id: giver.userId } : code)
}

function namesOf(row: UserRow) {
  return {
    ...(row.username === null ? {} : { username: row.username }),
    ...(row.display_name === null ? {} : { displayName: row.display_name }),
  }
}

function activationOf(row: UserRow): Activation {
  const { company_name, display_name, email, metadata, username, username_canonical } = row
  const names = { company_name, display_name, username, username_canonical }
  return { ...names, email, metadata, verified_at: row.created_at }
}

const emptyUser = Object.freeze({
  realm: defaultRealm,
  status: 'active',
  status_reason: null,
  locked_until: null,
  metadata: '{}',
  last_sign_in_at: null,
  last_sign_in_ip: null,
  last_failure_at: null,
  credentials_version: 0,
  erase_at: null,
} as const)
