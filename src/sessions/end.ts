import type { Trx } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { endSession } from './store.ts'

export interface EndParts {
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
}

export interface EndByItself {
  readonly id: string
  readonly user_id: string
  /** `absolute`: it ran out. `too_many`: a newer session took its place. */
  readonly reason: 'absolute' | 'too_many'
  readonly origin?: Origin
}

/**
 * Ends a session that no person ended, with its record, and tells every node. The announcement comes
 * first, as everywhere: its lock keeps the order in which revocations are seen.
 */
export async function endByItself(trx: Trx, parts: EndParts, end: EndByItself): Promise<void> {
  const { clock, recorder, revocations } = parts
  const { id, origin, reason, user_id } = end
  await revocations.announce(trx, { kind: 'session', id })
  if (!(await endSession(trx, id, { at: clock.now(), reason }))) return
  await recorder.record(trx, {
    name: 'session.ended',
    actor: { kind: 'system' },
    resource: { kind: 'session', id },
    reason,
    ...(origin ? { origin } : {}),
    payload: { sessionId: id, userId: user_id },
  })
}
