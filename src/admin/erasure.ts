import { canonicalEmail } from '../crypto/index.ts'
import type { Trx } from '../database/index.ts'
import {
  bumpCredentials,
  deleteUser,
  findUserByEmail,
  findUserById,
  findUsersToErase,
  type UserRow,
} from '../users/index.ts'
import { actorOf, type By } from './by.ts'
import type { Changed, Changes } from './changes.ts'
import type { UserAdministrationParts } from './parts.ts'
import { findLinkedAddresses } from './store.ts'

const batch = 1_000

/** Accounts that are removed with everything that hangs on them. The record keeps their ids. */
export class Erasure {
  readonly #parts: UserAdministrationParts
  readonly #changes: Changes

  constructor(parts: UserAdministrationParts, changes: Changes) {
    this.#parts = parts
    this.#changes = changes
  }

  erase(name: string, by: By): Promise<void> {
    return this.#changes.run(name, by, async (account) => {
      await this.#changes.keepSuperAdmin(account)
      await this.#erase(account, by)
    })
  }

  /** Erases the accounts that their owners closed long enough ago. One that fails waits for the next run. */
  async eraseClosed(signal?: AbortSignal): Promise<void> {
    const { clock, database, logger } = this.#parts
    const ids = await findUsersToErase(database.reader, clock.now(), batch)
    for (const id of ids) {
      if (signal?.aborted) return
      await this.#eraseIfDue(id).catch((error) => {
        logger.warn('a closed account could not be erased', { userId: id, error })
      })
    }
  }

  /** Looked at again inside the transaction: an administrator may have opened it meanwhile. */
  async #eraseIfDue(id: string): Promise<void> {
    const { clock, database, revocations } = this.#parts
    await database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id })
      const row = await findUserById(trx, id)
      if (!row || row.erase_at === null || row.erase_at > clock.now()) return
      const reason = row.status_reason ?? 'closed_by_owner'
      await this.#erase({ trx, row, roles: [] }, { actor: { kind: 'system' }, reason })
    })
  }

  /**
   * Sessions, passwords, links, devices, registrations and roles go with the row that they refer to;
   * what knows the account by its id or its address alone is told.
   */
  async #erase({ row, trx }: Changed, by: By): Promise<void> {
    const { sessions, throttle } = this.#parts
    await bumpCredentials(trx, row.id)
    await sessions.endAll(trx, row.id, { reason: 'account_erased', actor: actorOf(by) })
    await throttle.clear(trx, row.id)
    await throttle.openFactor(trx, row.id)
    await this.#withdrawMails(trx, row)
    await this.#changes.record(trx, 'user.erased', { payload: { userId: row.id }, by })
    await deleteUser(trx, row.id)
  }

  /** Mails to its address, and to those that it wanted or had; what an address of others waits for stays. */
  async #withdrawMails(trx: Trx, row: UserRow): Promise<void> {
    const { clock, outbox } = this.#parts
    const { realm } = row
    await outbox.withdraw(trx, row.email)
    for (const address of await findLinkedAddresses(trx, row.id, clock.now())) {
      const email = canonicalEmail(address)
      const holder = email.ok && (await findUserByEmail(trx, { realm, canonical: email.canonical }))
      if (!holder) await outbox.withdraw(trx, address)
    }
  }
}
