import type { Trx } from '../database/index.ts'
import type { Auth } from '../http/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { lockUser } from '../users/index.ts'
import { challenges, sessionErrors } from './errors.ts'
import { outdated } from './renew.ts'
import { claimRenewal, claimSession } from './store.ts'
import type { Verdicts } from './verdict.ts'

export interface ClaimParts {
  readonly revocations: Revocations
  readonly verdicts: Pick<Verdicts, 'secretVersionOf'>
}

/**
 * Takes the account and the session of a caller for a change that the session itself outlasts. Throws
 * `session_revoked` for one that has ended by now, and `token_expired` for a credential from before the
 * session's secret was last replaced: a copy that its owner has overtaken ends nobody's sessions and
 * forgets nobody's devices.
 */
export async function claimCaller(
  trx: Trx,
  { revocations, verdicts }: ClaimParts,
  auth: Auth,
): Promise<void> {
  const { sessionId, userId } = auth
  await revocations.announce(trx, { kind: 'user', id: userId })
  await lockUser(trx, userId)
  if (!(await claimSession(trx, sessionId))) {
    throw sessionErrors.session_revoked({ headers: challenges.revoked })
  }
  if (!(await claimRenewal(trx, sessionId, verdicts.secretVersionOf(auth)))) throw outdated()
}
