import type { Factor, FactorMethod } from '../assurance/index.ts'
import type { Trx } from '../database/index.ts'
import type { Origin } from '../events/index.ts'
import type { RecoveryParts } from './parts.ts'

interface About {
  readonly userId: string
  readonly sessionId: string
  readonly origin: Origin
}

/** The record of a proof that was accepted; of a recovery code also how many are left. */
export async function recordStepUp(
  trx: Trx,
  { factors, recorder }: Pick<RecoveryParts, 'factors' | 'recorder'>,
  { factor, origin, sessionId, userId }: About & { readonly factor: Factor },
): Promise<void> {
  const actor = { kind: 'user', id: userId } as const
  await recorder.record(trx, {
    name: 'session.stepped_up',
    ...{ actor, origin, resource: { kind: 'session', id: sessionId } },
    payload: { userId, sessionId, factor },
  })
  if (factor !== 'recovery') return
  const { recoveryCodesLeft: left } = await factors.status(trx, userId)
  await recorder.record(trx, {
    name: 'factor.code_used',
    ...{ actor, origin, resource: { kind: 'user', id: userId } },
    payload: { userId, left },
  })
}

/** The record of a proof that was not; `attacked` tells the owner that somebody guesses on. */
export async function recordFailure(
  trx: Trx,
  { recorder }: Pick<RecoveryParts, 'recorder'>,
  about: About & { readonly method: FactorMethod; readonly attacked: boolean },
): Promise<void> {
  const { attacked, method, origin, sessionId, userId } = about
  const by = { actor: { kind: 'user', id: userId }, outcome: 'failure', origin } as const
  await recorder.record(trx, {
    ...{ name: 'session.step_up_failed', ...by, resource: { kind: 'session', id: sessionId } },
    payload: { userId, sessionId, method },
  })
  if (!attacked) return
  await recorder.record(trx, {
    ...{ name: 'sign_in.factor_attacked', ...by, resource: { kind: 'user', id: userId } },
    payload: { userId },
  })
}
