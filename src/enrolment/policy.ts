import { type RequiredOf, requiredLevel } from '../assurance/index.ts'
import type { Db, Trx } from '../database/index.ts'
import { findUserById, hasSecondFactor, type UserRow } from '../users/index.ts'
import { enrolmentErrors } from './errors.ts'
import type { EnrolmentParts } from './parts.ts'

type PolicyParts = Pick<EnrolmentParts, 'access' | 'clock' | 'factors' | 'mfa'>

/** What policy demands of an account, and until when it is let in without. */
export interface Demand {
  /** Whatever time to comply is left. */
  readonly requiredLevel: 1 | 2
  /** End of a time to comply that runs. */
  readonly dueAt: number | null
}

/** What policy demands of an account by the roles it holds now. */
export async function demandOf(db: Db, parts: PolicyParts, user: UserRow): Promise<Demand> {
  const of = await requiredOf(db, parts, user)
  const { required, roles } = parts.mfa
  const demanded = requiredLevel({ required, roles }, of)
  const runs = demanded === 2 && requiredLevel(parts.mfa, of) === 1 && !hasSecondFactor(user)
  return { requiredLevel: demanded, dueAt: runs ? of.dueAt : null }
}

/**
 * Looks after a second factor was taken away. The last one stays where policy demands one now; else the
 * recovery codes go with it, for they only stand in for one. Throws `factor_required`.
 */
export async function afterRemoval(trx: Trx, parts: PolicyParts, userId: string): Promise<void> {
  const user = await findUserById(trx, userId)
  if (!user || hasSecondFactor(user)) return
  if (requiredLevel(parts.mfa, await requiredOf(trx, parts, user)) === 2) {
    throw enrolmentErrors.factor_required()
  }
  await parts.factors.removeCodes(trx, userId)
}

async function requiredOf(db: Db, parts: PolicyParts, user: UserRow): Promise<RequiredOf> {
  const { roles } = await parts.access.rolesOf(db, user.id)
  return { roles, dueAt: user.mfa_due_at, now: parts.clock.now() }
}
