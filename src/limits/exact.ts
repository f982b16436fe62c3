import type { Trx } from '../database/index.ts'
import type { LimitPolicy, LimitVerdict } from './policy.ts'

/** Points to give back, and the window they were taken from. */
export interface ExactCharge {
  readonly key: string
  readonly points: number
  readonly endsAt: number
  readonly store: LimitVerdict['store']
}

/** Limits that let exactly as many pass as they allow, however many callers and nodes there are. */
export interface ExactLimits {
  /** Counts before the work. Opens transactions of its own, so not inside one. */
  consume(policy: LimitPolicy, key: string, points: number): Promise<LimitVerdict>
  /** What `consume` of one point would say, with nothing counted. */
  peek(policy: LimitPolicy, key: string): Promise<LimitVerdict>
  /** Gives points back with the success of `trx`, to the window they were taken from. */
  refund(trx: Trx, policy: LimitPolicy, charge: ExactCharge): Promise<void>
  /** Forgets a key, its block included. */
  reset(policy: LimitPolicy, key: string): Promise<void>
}
