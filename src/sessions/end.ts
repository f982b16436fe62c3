import type { Trx } from '../database/index.ts'
import type { Actor, Origin, Recorder } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Revocations } from '../revocation/index.ts'
import { endSession } from './store.ts'

export interface EndParts {
  readonly recorder: Recorder
  readonly revocations: Revocations
  readonly clock: Clock
}

/** Why a session ends and who ends it, for the record. */
export interface EndRequest {
  readonly reason: string
  readonly actor: Actor
  readonly origin?: Origin
}

/** A session and whose it is. */
export interface OwnedSession {
  readonly sessionId: string
  readonly userId: string
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

/** Ends a live session because somebody asked for it, with its record; false when it has ended meanwhile. */
export async function endByPerson(
  trx: Trx,
  { clock, recorder, revocations }: EndParts,
  { actor, origin, reason, session }: EndRequest & { readonly session: OwnedSession },
): Promise<boolean> {
  const { sessionId: id } = session
  await revocations.announce(trx, { kind: 'session', id })
  if (!(await endSession(trx, id, { at: clock.now(), reason }))) return false
  await recorder.record(trx, {
    name: 'session.ended',
    actor,
    resource: { kind: 'session', id },
    reason,
    ...(origin ? { origin } : {}),
    payload: session,
  })
  return true
}
