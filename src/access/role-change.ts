import type { Actor, Origin } from '../events/index.ts'

/** Somebody on whose authority something is done, with the roles that were read when they asked. */
export interface Giver {
  readonly userId: string
  readonly roles: readonly string[]
  /** Those of the organisation in which they asked. */
  readonly organisationRoles?: readonly string[]
}

/** A change of somebody's roles. `giver` is absent for code and the command line, which hold all. */
export interface RoleChange {
  readonly userId: string
  readonly role: string
  readonly actor: Actor
  readonly giver?: Giver
  readonly reason?: string
  /** Epoch milliseconds; absent: until withdrawn. Never later than the giver holds what is given. */
  readonly expiresAt?: number
  /** It is nobody's gift but what every new account gets, so that no giver's end is its own. */
  readonly isDefault?: true
  readonly origin?: Origin
}

/** Somebody's roles now and the instant at which the first of them runs out. */
export interface HeldRoles {
  readonly roles: readonly string[]
  readonly nextExpiry: number | undefined
}
