import { type Factor, levelOf } from '../assurance/index.ts'
import { json, type Trx } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import { claimSession, findFactors, noteProof } from './store.ts'

/** What somebody proved in a session that goes on: at least one factor. */
export interface SessionProof {
  readonly factors: readonly Factor[]
}

/**
 * Adds a proof to what a session has proven, and makes it as fresh as this proof. The level is computed
 * from all of it, never handed in. A password alone takes the place of what was proven before: it
 * proves somebody again only where no second factor is left, and what a factor that is gone once
 * proved must not become fresh with it. The session or its user has been announced as revoked in this
 * transaction. False when the session has ended.
 */
export async function addProof(
  trx: Trx,
  clock: Clock,
  { factors, sessionId }: SessionProof & { readonly sessionId: string },
): Promise<boolean> {
  if (!(await claimSession(trx, sessionId))) return false
  const before = await findFactors(trx, sessionId)
  const isPassword = factors.every((factor) => factor === 'pwd')
  const proven = isPassword ? factors : [...new Set([...before, ...factors])]
  const level = levelOf(proven)
  if (level === 0) throw new Error('a proof names a factor')
  return noteProof(trx, sessionId, {
    auth_time: clock.now(),
    factors: json.encode(proven),
    level,
  })
}
