import type { Trx } from '../database/index.ts'
import { changeStatus } from '../users/index.ts'
import { closedByOwner } from './account-state.ts'
import type { RecoveryMails } from './mails.ts'
import { claimOwner, type ProvenOwner, proveOwner } from './owner.ts'
import type { RecoveryParts } from './parts.ts'
import type { OwnerRequest } from './requests.ts'

/** The end of an account by its owner. */
export class Closing {
  readonly #parts: RecoveryParts
  readonly #mails: RecoveryMails

  constructor(parts: RecoveryParts, mails: RecoveryMails) {
    this.#parts = parts
    this.#mails = mails
  }

  /**
   * Closes the account and ends its sessions. A job erases it once its time has come, unless an
   * administrator opens it again. Throws `last_super_admin`.
   */
  async close(request: OwnerRequest): Promise<void> {
    const owner = await proveOwner(this.#parts, request)
    await this.#parts.database.transaction((trx) => this.#apply(trx, owner))
  }

  async #apply(trx: Trx, owner: ProvenOwner): Promise<void> {
    const { access, clock, devices, eraseAfterMs, links, recorder, revocations, sessions } =
      this.#parts
    const { actor, origin, user } = owner
    await revocations.announce(trx, { kind: 'user', id: user.id })
    await claimOwner(trx, this.#parts, owner)
    const { roles } = await access.rolesOf(trx, user.id)
    if (roles.includes(this.#parts.superAdminRole)) await access.keepOneSuperAdmin(trx, user.id)
    await changeStatus(trx, user.id, {
      from: ['active', 'locked'],
      to: 'disabled',
      reason: closedByOwner,
      eraseAt: clock.now() + eraseAfterMs,
    })
    await sessions.endAll(trx, user.id, { reason: closedByOwner, actor, origin })
    await devices.forgetAll(trx, user.id)
    await links.end(trx, user.id, ['reset', 'secure', 'invitation', 'change_email'])
    await this.#mails.sendClosed(trx, user)
    await recorder.record(trx, {
      name: 'account.closed',
      ...{ actor, origin, resource: { kind: 'user', id: user.id } },
      payload: { userId: user.id },
    })
  }
}
