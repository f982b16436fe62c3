import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import type { TakenFactors } from '../mail/index.ts'
import type { PasskeyRow } from '../passkeys/index.ts'
import { findUserById, hasSecondFactor } from '../users/index.ts'
import { reportedByOwner } from './account-state.ts'
import type { RecoveryParts } from './parts.ts'

/**
 * An enrolment is written just before the notice that tells of it, in one transaction, and two nodes
 * may be 15 seconds apart before one of them turns not ready.
 */
const earlierMs = 60_000

/** Whose second factors are doubted, and since when at the latest. */
export interface DoubtedFactors {
  readonly userId: string
  /** When the notice was written that says "this was not me". */
  readonly noticedAt: number
  readonly origin: Origin
}

type UndoParts = Pick<
  RecoveryParts,
  'audit' | 'clock' | 'factors' | 'lives' | 'passkeys' | 'recorder'
>

/**
 * Takes back what somebody else may have enrolled: authenticator app, passkeys and recovery codes whose
 * own notice could still be answered, whichever notice was answered. An intruder's factor would lock the
 * owner out, an intruder's passkey would open the account whatever the password is, and owners answer
 * the mail that alarms them, not the first one. Passkeys that have lately shown a copy of their key go
 * too. What is older stays: whoever merely reads the mailbox must not be able to take it away. After the
 * lock of the account's row. Undefined when there was nothing to take.
 */
export async function undoFactors(
  trx: Trx,
  parts: UndoParts,
  { noticedAt, origin, userId }: DoubtedFactors,
): Promise<TakenFactors | undefined> {
  const { clock, factors, lives, recorder } = parts
  const since = Math.min(noticedAt, clock.now() - lives.reportMs) - earlierMs
  const { recoveryCodes, totp } = await factors.removeSince(trx, userId, since)
  const passkeys = await undoPasskeys(trx, parts, { userId, since })
  const undone = [...(totp ? ['totp' as const] : []), ...passkeys.map(() => 'passkey' as const)]
  for (const factor of undone) {
    await recorder.record(trx, {
      name: 'factor.disabled',
      ...{ actor: { kind: 'user', id: userId }, resource: { kind: 'user', id: userId } },
      ...{ origin, reason: reportedByOwner, payload: { userId, factor } },
    })
  }
  if (undone.length > 0) await removeIdleCodes(trx, parts, userId)
  if (undone.length === 0 && !recoveryCodes) return undefined
  return { totp, passkeys: passkeys.length, recoveryCodes }
}

async function undoPasskeys(
  trx: Trx,
  parts: UndoParts,
  { since, userId }: { readonly since: number; readonly userId: string },
): Promise<readonly PasskeyRow[]> {
  const taken: PasskeyRow[] = []
  for (const passkey of await parts.passkeys.list(trx, userId)) {
    const { created_at, id } = passkey
    const doubted = created_at >= since || (await wasCopied(trx, parts, { id, since }))
    if (doubted && (await parts.passkeys.remove(trx, { userId, id }))) taken.push(passkey)
  }
  return taken
}

/** No mailbox can cause this alarm: it takes the key. */
async function wasCopied(
  trx: Trx,
  { audit }: Pick<UndoParts, 'audit'>,
  { id, since }: { readonly id: string; readonly since: number },
): Promise<boolean> {
  const query = { action: 'passkey.cloned', resourceId: id, limit: 1 }
  const [alarm] = await audit.find(query, trx)
  return alarm !== undefined && alarm.at >= since
}

/** Recovery codes only stand in for a factor; where none is left, the next one begins with new codes. */
async function removeIdleCodes(
  trx: Trx,
  { factors }: Pick<UndoParts, 'factors'>,
  userId: string,
): Promise<void> {
  const user = await findUserById(trx, userId)
  if (user && !hasSecondFactor(user)) await factors.removeCodes(trx, userId)
}
