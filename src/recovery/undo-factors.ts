import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import { reportedByOwner } from './account-state.ts'
import type { RecoveryParts } from './parts.ts'

/**
 * An enrolment is written just before the notice that tells of it, in one transaction, and two nodes
 * may be 15 seconds apart before one of them turns not ready.
 */
const earlierMs = 60_000

/** Whose second factors are doubted, from which notice on. */
export interface DoubtedFactors {
  readonly userId: string
  /** When the notice was written that says "this was not me". */
  readonly noticedAt: number
  readonly origin: Origin
}

/**
 * Takes back what was enrolled since a notice that its reader did not expect: authenticator app,
 * passkeys, recovery codes. An intruder's factor would lock the owner out, and an intruder's passkey
 * would open the account whatever the password is. What is older stays: whoever merely reads the
 * mailbox must not be able to take a second factor away. After the lock of the account's row.
 */
export async function undoFactors(
  trx: Trx,
  { factors, passkeys, recorder }: Pick<RecoveryParts, 'factors' | 'passkeys' | 'recorder'>,
  { noticedAt, origin, userId }: DoubtedFactors,
): Promise<void> {
  const since = noticedAt - earlierMs
  const undone: ('totp' | 'passkey')[] = []
  if (await factors.removeSince(trx, userId, since)) undone.push('totp')
  for (const { created_at, id } of await passkeys.list(trx, userId)) {
    if (created_at < since) continue
    if (await passkeys.remove(trx, { userId, id })) undone.push('passkey')
  }
  for (const factor of undone) {
    await recorder.record(trx, {
      name: 'factor.disabled',
      ...{ actor: { kind: 'user', id: userId }, resource: { kind: 'user', id: userId } },
      ...{ origin, reason: reportedByOwner, payload: { userId, factor } },
    })
  }
}
