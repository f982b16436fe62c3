import type { Trx } from '../database/index.ts'
import type { Actor, Origin } from '../events/index.ts'
import type { Auth } from '../http/index.ts'
import { challenges, sessionErrors } from '../sessions/index.ts'
import { demandFreshProof, demandOwnLevel } from '../shield/index.ts'
import {
  claimCredentials,
  findUserById,
  hasSecondFactor,
  mayHoldSession,
  type UserRow,
  userErrors,
} from '../users/index.ts'
import type { RecoveryParts } from './parts.ts'
import type { OwnerRequest } from './requests.ts'

type OwnerParts = Pick<RecoveryParts, 'clock' | 'database' | 'proof' | 'stepUpMs'>

/** The account behind a session whose person has just proven the password. */
export interface ProvenOwner {
  readonly user: UserRow
  readonly actor: Actor
  readonly origin: Origin
}

/**
 * The account of a session, its password proven again: a session alone, however new, changes nothing.
 * Nor does the password where a second factor is enrolled, unless the session's last proof is fresh and
 * of level 2, nor a session below the level that policy demands of the account. Throws
 * `step_up_required`, before anything is counted, and `password_wrong`.
 */
export async function proveOwner(
  parts: OwnerParts,
  { auth, currentPassword, devices, origin }: OwnerRequest,
): Promise<ProvenOwner> {
  const { database, proof } = parts
  demandOwnLevel(auth)
  const user = await findUserById(database.reader, auth.userId)
  if (!user) throw ended()
  demandSecondFactor(parts, auth, user)
  const { sessionId } = auth
  await proof.prove({ userId: user.id, sessionId, password: currentPassword, origin, devices })
  return { user, origin, actor: { kind: 'user', id: user.id } }
}

/**
 * Throws `step_up_required` where a second factor is enrolled, unless the session's last proof is fresh
 * and of level 2. The account's row decides, not what a session was read with.
 */
export function demandSecondFactor(
  { clock, stepUpMs }: Pick<RecoveryParts, 'clock' | 'stepUpMs'>,
  auth: Auth,
  user: UserRow,
): void {
  if (!hasSecondFactor(user)) return
  demandFreshProof({ ...auth, secondFactor: true }, { now: clock.now(), withinMs: stepUpMs })
}

/**
 * Takes the row of the account inside the transaction of a change. Throws `account_changed` when a credential
 * changed since the proof began, so that a thief who knew the old password loses a race against the reset,
 * and when the account may hold no session any more.
 */
export async function claimOwner(
  trx: Trx,
  { clock }: Pick<RecoveryParts, 'clock'>,
  { user }: ProvenOwner,
): Promise<void> {
  const claimed = await claimCredentials(trx, user.id, user.credentials_version)
  if (!claimed) throw userErrors.account_changed()
  const now = await findUserById(trx, user.id)
  if (!now || !mayHoldSession(now, clock.now())) throw ended()
}

function ended() {
  return sessionErrors.session_revoked({ headers: challenges.revoked })
}
