import type { SessionRow } from '../sessions/index.ts'
import type { AccountView } from './account-view.ts'
import { Accounts } from './accounts.ts'
import { type By, roleChange } from './by.ts'
import { Changes } from './changes.ts'
import { Creation, type NewAccount, type NewInvitation } from './creation.ts'
import { Credentials } from './credentials.ts'
import { Erasure } from './erasure.ts'
import { type AccountFactors, FactorAdministration, type FactorResetResult } from './factors.ts'
import { refusePast } from './instant.ts'
import { AccountMails } from './mails.ts'
import type { AccountPage, AccountQuery } from './page.ts'
import type { UserAdministrationParts } from './parts.ts'
import { type LockOptions, Standing } from './standing.ts'

/**
 * Accounts as administrators, code and the command line handle them: same rules and same record. An
 * account is named by its id, address or username. Every change takes a last argument that says who
 * does it and why, and throws `account_not_found`; on the authority of `by.giver` also
 * `own_account_unchangeable` and `role_outranks_giver`.
 */
export class UserAdministration {
  readonly #parts: UserAdministrationParts
  readonly #accounts: Accounts
  readonly #creation: Creation
  readonly #credentials: Credentials
  readonly #erasure: Erasure
  readonly #factors: FactorAdministration
  readonly #standing: Standing

  constructor(parts: UserAdministrationParts) {
    const accounts = new Accounts(parts)
    const changes = new Changes(parts, accounts)
    const shared = { accounts, changes, mails: new AccountMails(parts) }
    this.#parts = parts
    this.#accounts = accounts
    this.#creation = new Creation(parts, shared)
    this.#credentials = new Credentials(parts, shared)
    this.#erasure = new Erasure(parts, changes)
    this.#factors = new FactorAdministration(parts, { accounts, changes })
    this.#standing = new Standing(parts, changes)
  }

  /**
   * Makes an active account whose address counts as verified. Throws `email_*`, `username_*`,
   * `weak_password`, `role_unknown`, or `account_exists` when address or name is taken; `forbidden`
   * when `roles` are named on the authority of somebody who may not give roles.
   */
  create(input: NewAccount, by: By = {}): Promise<AccountView> {
    return this.#creation.create(input, by)
  }

  /**
   * Makes an account that waits for its owner, who gets a link by mail to choose a password; its use
   * confirms the address. Roles are held from the start and can be used from then on. Throws what
   * `create` throws, and `invitations_closed` with the option `registration: 'closed'`.
   */
  invite(input: NewInvitation, by: By = {}): Promise<AccountView> {
    return this.#creation.invite(input, by)
  }

  /** Mails a new link to somebody who was invited; the one before ends. Throws `account_state_conflict`. */
  inviteAgain(name: string, by: By = {}): Promise<void> {
    return this.#creation.inviteAgain(name, by)
  }

  /** An account by id, e-mail address or username. */
  find(name: string): Promise<AccountView | undefined> {
    return this.#accounts.find(name)
  }

  /** Accounts in the order of their creation; at most 500. */
  list(
    page: { readonly limit?: number; readonly after?: AccountView } = {},
  ): Promise<readonly AccountView[]> {
    return this.#accounts.list(page)
  }

  /** Accounts that meet every given condition, page by page in the order of their creation. */
  search(query: AccountQuery = {}): Promise<AccountPage> {
    return this.#accounts.search(query)
  }

  /** The live sessions of an account, newest first. */
  sessions(name: string): Promise<readonly SessionRow[]> {
    return this.#accounts.sessionsOf(name)
  }

  /**
   * Gives a role; false when it is held already. Throws `role_unknown`, or `invalid_request` for an
   * `expiresAt` that is not to come.
   */
  async grantRole(
    name: string,
    role: string,
    by: By & { readonly expiresAt?: number } = {},
  ): Promise<boolean> {
    const { access, database } = this.#parts
    refusePast(by.expiresAt, { field: 'expiresAt', now: this.#parts.clock.now() })
    const { id } = await this.#accounts.getRow(name)
    const expiry = by.expiresAt === undefined ? {} : { expiresAt: by.expiresAt }
    const change = { ...roleChange({ userId: id, role }, by), ...expiry }
    return database.transaction((trx) => access.grant(trx, change))
  }

  /** Takes a role away. Throws `grant_missing`, or `last_super_admin`. */
  async withdrawRole(name: string, role: string, by: By = {}): Promise<void> {
    const { access, database } = this.#parts
    const { id } = await this.#accounts.getRow(name)
    const change = roleChange({ userId: id, role }, by)
    await database.transaction((trx) => access.withdraw(trx, change))
  }

  /**
   * Sets a password, for somebody who forgot theirs, ends their sessions and the links that wait, forgets
   * their devices, and lets them try again after wrong guesses. Throws `weak_password`.
   */
  setPassword(name: string, password: string, by: By = {}): Promise<void> {
    return this.#credentials.setPassword(name, password, by)
  }

  /**
   * Makes the password useless, ends the sessions and the links that wait, forgets the devices and mails
   * a link for a new password. Throws
   * `account_state_conflict` for an account that is disabled or was never confirmed.
   */
  forceReset(name: string, by: By = {}): Promise<void> {
    return this.#credentials.forceReset(name, by)
  }

  /**
   * Ends every session of an account, the links that wait and the trust of devices; how many sessions
   * there were.
   */
  endSessions(name: string, by: By = {}): Promise<number> {
    return this.#credentials.endSessions(name, by)
  }

  /** The second factors of an account; nothing that could prove one. Throws `account_not_found`. */
  factors(name: string): Promise<AccountFactors> {
    return this.#factors.show(name)
  }

  /**
   * Takes every second factor away from somebody who lost them, with recovery codes, trusted devices and
   * sessions. With the option `mfa.fourEyes` and a giver the first call waits a day for a second, different
   * giver who calls the same; any change of the account's credentials withdraws it. Throws
   * `factor_missing`, and `second_administrator_dependent` where one of the two made or appointed the
   * other, or the second was made or appointed after the first call.
   */
  resetFactors(name: string, by: By = {}): Promise<FactorResetResult> {
    return this.#factors.reset(name, by)
  }

  /**
   * The job that forgets resets nobody has seconded in time.
   * @internal run by its job
   */
  sweepResets(signal?: AbortSignal): Promise<void> {
    return this.#factors.sweep(signal)
  }

  /**
   * Closes an account to its owner, ends its sessions, its mailed links and the trust of devices. Throws
   * `last_super_admin`.
   */
  disable(name: string, by: By = {}): Promise<void> {
    return this.#standing.disable(name, by)
  }

  /** Opens a disabled account again, also one that its owner closed. */
  enable(name: string, by: By = {}): Promise<void> {
    return this.#standing.enable(name, by)
  }

  /**
   * Locks an account, for a time or until it is unlocked, and ends its sessions and the trust of devices;
   * no new password opens it. Throws `last_super_admin`, `account_state_conflict` for an account that is disabled or was
   * never confirmed, `invalid_request` for an end that has passed.
   */
  lock(name: string, options: LockOptions = {}, by: By = {}): Promise<void> {
    return this.#standing.lock(name, options, by)
  }

  /**
   * Opens a lock, and lets the password be tried again after wrong guesses. Throws
   * `account_state_conflict` for an account that is disabled or was never confirmed.
   */
  unlock(name: string, by: By = {}): Promise<void> {
    return this.#standing.unlock(name, by)
  }

  /**
   * Deletes an account with everything that hangs on it; it cannot be brought back. Its sessions end
   * at once, mails to it that wait are withdrawn, the audit log keeps its id. Throws `last_super_admin`.
   */
  erase(name: string, by: By = {}): Promise<void> {
    return this.#erasure.erase(name, by)
  }

  /**
   * The job that erases the accounts their owners closed long enough ago.
   * @internal run by its job
   */
  eraseClosed(signal?: AbortSignal): Promise<void> {
    return this.#erasure.eraseClosed(signal)
  }
}
