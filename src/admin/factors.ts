import { inBatches } from '../database/index.ts'
import { enrolmentErrors, type FactorOverview } from '../enrolment/index.ts'
import { hasSecondFactor } from '../users/index.ts'
import type { Accounts } from './accounts.ts'
import { type By, recordOf } from './by.ts'
import type { Changed, Changes } from './changes.ts'
import { FourEyes, type Request } from './four-eyes.ts'
import type { UserAdministrationParts } from './parts.ts'
import { deleteExpiredResets, deleteReset, findReset, putReset } from './reset-store.ts'
import type { FactorResetRow } from './table.ts'

const waitMs = 24 * 60 * 60 * 1000
const nothingToReset = 'This account has no second factor: there is nothing to reset.'

/** A reset that waits for a second administrator. */
export interface PendingReset {
  /** Id of the administrator who asked first. */
  readonly requestedBy: string
  readonly reason: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** Second factors of an account, and nothing that could prove one. */
export interface AccountFactors extends FactorOverview {
  readonly userId: string
  readonly pendingReset: PendingReset | null
}

/** Whether the factors are gone, or a second administrator has to say the same until `expiresAt`. */
export type FactorResetResult =
  | { readonly status: 'done' }
  | { readonly status: 'awaiting_second_administrator'; readonly expiresAt: number }

/** Second factors of somebody who lost them, as administrators handle them: seen, and taken away. */
export class FactorAdministration {
  readonly #parts: UserAdministrationParts
  readonly #accounts: Accounts
  readonly #changes: Changes
  readonly #eyes: FourEyes

  constructor(
    parts: UserAdministrationParts,
    with_: { readonly accounts: Accounts; readonly changes: Changes },
  ) {
    this.#parts = parts
    this.#accounts = with_.accounts
    this.#changes = with_.changes
    this.#eyes = new FourEyes(parts)
  }

  async show(name: string): Promise<AccountFactors> {
    const { database, enrolment } = this.#parts
    const row = await this.#accounts.getRow(name)
    const overview = await enrolment.describe(database.reader, row.id)
    const waiting = await findReset(database.reader, row.id)
    const pending = waiting && this.#counts(waiting) ? pendingOf(waiting) : null
    return { userId: row.id, ...overview, pendingReset: pending }
  }

  /** The account is announced first, so that of two administrators at once one comes second. */
  reset(name: string, by: By): Promise<FactorResetResult> {
    return this.#changes.run(name, by, async (account) => {
      const { row, trx } = account
      if (!hasSecondFactor(row)) throw enrolmentErrors.factor_missing({ detail: nothingToReset })
      const first = by.giver && this.#parts.fourEyes ? await this.#first(account) : undefined
      if (by.giver && this.#parts.fourEyes) {
        const isSecond = first !== undefined && first.requested_by !== by.giver.userId
        if (!isSecond) return this.#wait(account, { ...by, giver: by.giver }, first)
        await this.#eyes.demandIndependence(trx, by.giver.userId, requestIn(account, first))
      }
      await deleteReset(trx, row.id)
      await this.#parts.enrolment.resetWithin(trx, {
        ...{ userId: row.id, ...recordOf(by) },
        ...(first ? { requestedBy: first.requested_by } : {}),
      })
      return { status: 'done' }
    })
  }

  /** The job that forgets requests nobody has seconded in time. */
  sweep(signal?: AbortSignal): Promise<void> {
    const { clock, database } = this.#parts
    return inBatches(database, { size: 500, signal }, (trx, size) =>
      deleteExpiredResets(trx, clock.now(), size),
    )
  }

  /** What another administrator asked for, if it still counts and is still theirs to ask for. */
  async #first(account: Changed): Promise<FactorResetRow | undefined> {
    const { row, trx } = account
    const waiting = await findReset(trx, row.id)
    if (!waiting || !this.#counts(waiting)) return undefined
    return (await this.#eyes.mayStill(trx, requestIn(account, waiting))) ? waiting : undefined
  }

  /** In time; what a change of the account has withdrawn is gone (`ResetWatch`). */
  #counts(waiting: FactorResetRow): boolean {
    return this.#parts.clock.now() < waiting.expires_at
  }

  /**
   * The same administrator twice is one pair of eyes: the request of before goes on waiting, for no longer
   * than it would have, and for the reason that was given last.
   */
  async #wait(
    { row, trx }: Changed,
    by: By & { readonly giver: { readonly userId: string } },
    first: FactorResetRow | undefined,
  ): Promise<FactorResetResult> {
    const now = this.#parts.clock.now()
    const expiresAt = first?.expires_at ?? now + waitMs
    const reason = by.reason ?? ''
    if (first?.reason !== reason) {
      await putReset(trx, {
        ...{ user_id: row.id, requested_by: by.giver.userId, reason },
        ...{ created_at: first?.created_at ?? now, expires_at: expiresAt },
      })
      const payload = { userId: row.id }
      await this.#changes.record(trx, 'factor.reset_requested', { payload, by })
    }
    return { status: 'awaiting_second_administrator', expiresAt }
  }
}

function requestIn(
  { roles: target }: Changed,
  { created_at, requested_by }: FactorResetRow,
): Request {
  return { firstId: requested_by, askedAt: created_at, target }
}

function pendingOf({ expires_at, reason, requested_by }: FactorResetRow): PendingReset {
  return { requestedBy: requested_by, reason, expiresAt: expires_at }
}
