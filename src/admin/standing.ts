import { commonErrors } from '../errors/index.ts'
import { closedByOwner, reportedByOwner } from '../recovery/index.ts'
import { bumpCredentials, changeStatus, type UserRow } from '../users/index.ts'
import { actorOf, type By } from './by.ts'
import type { Changed, Changes } from './changes.ts'
import { refusePast } from './instant.ts'
import type { UserAdministrationParts } from './parts.ts'

/** A lock by an administrator. */
export interface LockOptions {
  /** Epoch milliseconds; the lock opens by itself then. Without it somebody has to open it. */
  readonly until?: number | undefined
}

/** Whether an account can be used: disabled and enabled, locked and unlocked. */
export class Standing {
  readonly #parts: UserAdministrationParts
  readonly #changes: Changes

  constructor(parts: UserAdministrationParts, changes: Changes) {
    this.#parts = parts
    this.#changes = changes
  }

  /** What its owner closed is disabled as well: no notice mailed before opens it, and nothing erases it. */
  disable(name: string, by: By): Promise<void> {
    refuseReserved(by)
    return this.#changes.run(name, by, async (account) => {
      const { row, trx } = account
      if (row.status === 'disabled' && row.status_reason !== closedByOwner) return
      await changeStatus(trx, row.id, {
        from: ['active', 'pending', 'locked', 'disabled'],
        to: 'disabled',
        reason: by.reason ?? null,
      })
      await this.#changes.keepSuperAdmin(account)
      await this.#endSessions(account, 'account_disabled', by)
      const dead = ['reset', 'secure', 'change_email', 'invitation'] as const
      await this.#parts.links.end(trx, row.id, dead)
      await this.#changes.record(trx, 'user.disabled', { payload: { userId: row.id }, by })
    })
  }

  enable(name: string, by: By): Promise<void> {
    return this.#changes.run(name, by, async ({ row, trx }) => {
      const change = { from: ['disabled'], to: openStatus(row), reason: null } as const
      if (!(await changeStatus(trx, row.id, change))) return
      await this.#changes.record(trx, 'user.enabled', { payload: { userId: row.id }, by })
    })
  }

  lock(name: string, { until }: LockOptions, by: By): Promise<void> {
    refuseReserved(by)
    refusePast(until, { field: 'until', now: this.#parts.clock.now() })
    return this.#changes.run(name, by, async (account) => {
      const { row, trx } = account
      this.#changes.demand(account, ['active', 'locked'])
      await changeStatus(trx, row.id, {
        from: ['active', 'locked'],
        to: 'locked',
        reason: by.reason ?? null,
        ...(until === undefined ? {} : { lockedUntil: until }),
      })
      await this.#changes.keepSuperAdmin(account)
      await this.#endSessions(account, 'account_locked', by)
      await this.#parts.links.end(trx, row.id, ['reset', 'secure', 'change_email'])
      const payload = { userId: row.id, ...(until === undefined ? {} : { until }) }
      await this.#changes.record(trx, 'user.locked', { payload, by })
    })
  }

  unlock(name: string, by: By): Promise<void> {
    return this.#changes.run(name, by, async (account) => {
      const { row, trx } = account
      this.#changes.demand(account, ['active', 'locked'])
      await changeStatus(trx, row.id, { from: ['locked'], to: openStatus(row), reason: null })
      await this.#parts.throttle.clear(trx, row.id)
      await this.#changes.record(trx, 'user.unlocked', { payload: { userId: row.id }, by })
    })
  }

  /** With sign-ins that have begun: who has proven the password by then proves it again. */
  async #endSessions({ row, trx }: Changed, reason: string, by: By): Promise<void> {
    await bumpCredentials(trx, row.id)
    await this.#parts.sessions.endAll(trx, row.id, { reason, actor: actorOf(by) })
    await this.#parts.devices.distrustAll(trx, row.id)
  }
}

/** These words say that the owner did it, which gives a mailed link the power to undo it. */
function refuseReserved({ reason }: By): void {
  if (reason !== closedByOwner && reason !== reportedByOwner) return
  const detail = 'This word is kept for what owners do. Say it in words of your own.'
  throw commonErrors.invalid_request({
    faults: [{ pointer: '#/body/reason', code: 'reserved', detail }],
    explanation: `reason: ${detail}`,
  })
}

/** An address that was never confirmed still has to be. */
function openStatus(row: UserRow): 'pending' | 'active' {
  return row.verified_at === null ? 'pending' : 'active'
}
