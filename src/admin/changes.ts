import type { Trx } from '../database/index.ts'
import type { EventMap } from '../events/index.ts'
import { findUserById, type UserRow } from '../users/index.ts'
import type { Accounts } from './accounts.ts'
import { type By, recordOf } from './by.ts'
import { adminErrors } from './errors.ts'
import type { AdminEvent } from './events.ts'
import type { UserAdministrationParts } from './parts.ts'

/** An account while it is changed, inside the transaction of the change. */
export interface Changed {
  readonly trx: Trx
  readonly row: UserRow
  readonly roles: readonly string[]
}

/**
 * How every change of an account runs: in one transaction that announces it first, so that changes by
 * two administrators on two nodes wait for each other, then looks whether this person may do it, as
 * things are now, and holds the record of it.
 */
export class Changes {
  readonly #parts: UserAdministrationParts
  readonly #accounts: Accounts

  constructor(parts: UserAdministrationParts, accounts: Accounts) {
    this.#parts = parts
    this.#accounts = accounts
  }

  /** Throws `account_not_found`, `own_account_unchangeable` or `role_outranks_giver` before `work`. */
  async run<T>(name: string, by: By, work: (account: Changed) => Promise<T>): Promise<T> {
    const { access, database, revocations } = this.#parts
    const { id } = await this.#accounts.getRow(name)
    return database.transaction(async (trx) => {
      await revocations.announce(trx, { kind: 'user', id })
      const row = await findUserById(trx, id)
      if (!row) throw adminErrors.account_not_found()
      const { roles } = await access.rolesOf(trx, id)
      if (by.giver) await access.refuseAuthority(trx, by.giver, { userId: id, roles })
      return work({ trx, row, roles })
    })
  }

  /** Throws `last_super_admin` when this account is the only one that holds everything. */
  async keepSuperAdmin({ roles, row, trx }: Changed): Promise<void> {
    const { access, superAdminRole } = this.#parts
    if (roles.includes(superAdminRole)) await access.keepOneSuperAdmin(trx, row.id)
  }

  /** Throws `account_state_conflict` unless the account is in one of these states. */
  demand({ row }: Changed, states: readonly UserRow['status'][]): void {
    if (states.includes(row.status)) return
    throw adminErrors.account_state_conflict({
      members: { accountStatus: row.status },
      explanation: `The account is ${row.status}; this needs it to be ${states.join(' or ')}.`,
    })
  }

  async record<N extends AdminEvent>(
    trx: Trx,
    name: N,
    event: { readonly payload: EventMap[N] & { readonly userId: string }; readonly by: By },
  ): Promise<void> {
    await this.#parts.recorder.record(trx, {
      name,
      ...recordOf(event.by),
      resource: { kind: 'user', id: event.payload.userId },
      payload: event.payload,
    })
  }
}
