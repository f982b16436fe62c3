import type { Trx } from '../database/index.ts'
import { findUserById, mayHoldSession, type UserRow } from '../users/index.ts'
import { adminErrors } from './errors.ts'
import type { UserAdministrationParts } from './parts.ts'

/** What two administrators have to agree on. */
export interface Request {
  /** The one who asked first. */
  readonly firstId: string
  /** When, in epoch milliseconds. */
  readonly askedAt: number
  /** Roles of the account it is about. */
  readonly target: readonly string[]
}

/** Where somebody's right to decide has to come from. */
interface Origin {
  /** Not made, and not appointed, by this administrator. */
  readonly besides: string
  /** Made and appointed no later. */
  readonly until: number
}

/**
 * Whether two administrators are two. One who may make accounts or give roles could agree with herself
 * through an account of her own: so neither counts by what the other made or gave, and nobody by what
 * came after the request.
 */
export class FourEyes {
  readonly #parts: Pick<UserAdministrationParts, 'access' | 'clock'>

  constructor(parts: Pick<UserAdministrationParts, 'access' | 'clock'>) {
    this.#parts = parts
  }

  /** Whether the first one may still ask: whoever was demoted or shut out since may not. */
  async mayStill(trx: Trx, { firstId, target }: Request): Promise<boolean> {
    const first = await findUserById(trx, firstId)
    if (!first || !mayHoldSession(first, this.#parts.clock.now())) return false
    const { roles } = await this.#parts.access.rolesOf(trx, firstId)
    return this.#suffice(roles, target)
  }

  /** Throws `second_administrator_dependent` unless the two are independent of each other. */
  async demandIndependence(trx: Trx, secondId: string, request: Request): Promise<void> {
    const { askedAt: until, firstId, target } = request
    const second = { besides: firstId, until }
    const first = { besides: secondId, until }
    const areTwo =
      (await this.#decidesBy(trx, secondId, second, target)) &&
      (await this.#decidesBy(trx, firstId, first, target))
    if (!areTwo) throw adminErrors.second_administrator_dependent()
  }

  /** Whether an account may decide by what it got elsewhere and before. */
  async #decidesBy(
    trx: Trx,
    userId: string,
    origin: Origin,
    target: readonly string[],
  ): Promise<boolean> {
    const user = await findUserById(trx, userId)
    if (!user || !wasThere(user, origin)) return false
    const grants = await this.#parts.access.grantsOf(trx, userId)
    const own = grants.filter(
      ({ granted_at, granted_by }) => granted_at <= origin.until && granted_by !== origin.besides,
    )
    const roles = own.map(({ role }) => role)
    return this.#suffice(roles, target)
  }

  /** Whether these roles may reset the factors of somebody who holds those. */
  #suffice(roles: readonly string[], target: readonly string[]): boolean {
    const { access } = this.#parts
    const [own, held] = [access.permissionsOf(roles), access.permissionsOf(target)]
    return own.coversAll(held) && own.has('write:security:users')
  }
}

function wasThere({ created_at, created_by }: UserRow, { besides, until }: Origin): boolean {
  return created_at <= until && created_by !== besides
}
