import { challenges, sessionErrors, subjectOf } from '../sessions/index.ts'
import { proveOwner } from './owner.ts'
import type { RecoveryParts } from './parts.ts'
import type { OwnerRequest, StepUp } from './requests.ts'

/**
 * Proves the password of a session's person again, so that routes which ask for a recent proof let
 * whoever holds what this answers pass, and nobody who holds a copy of what was there before: the
 * secret of the session is replaced, and access tokens stay as old as they were made. Every node reads
 * the session anew; it is the same session and gains no level.
 */
export async function stepUp(parts: RecoveryParts, request: OwnerRequest): Promise<StepUp> {
  const { database, recorder, sessions, tokens, verdicts } = parts
  const { auth, origin } = request
  const { sessionId, userId } = auth
  const { actor } = await proveOwner(parts, request)
  const before = await verdicts.load({ sessionId })
  if (!before.ok) throw before.error()
  const secret = await database.transaction(async (trx) => {
    if (!(await sessions.noteProof(trx, sessionId, { factors: ['pwd'] }))) throw ended()
    await recorder.record(trx, {
      name: 'session.stepped_up',
      ...{ actor, origin, resource: { kind: 'session', id: sessionId } },
      payload: { userId, sessionId },
    })
    return sessions.renew(trx, before.row)
  })
  const session = await verdicts.load({ sessionId })
  if (!session.ok) throw session.error()
  const { authTime, level } = session.auth
  const proven = { authTime, level, secret }
  if (secret.transport === 'session') {
    return { ...proven, accessToken: undefined, expiresIn: undefined }
  }
  const accessToken = tokens.mint(subjectOf(session))
  return { ...proven, accessToken, expiresIn: tokens.lifetimeSeconds }
}

function ended() {
  return sessionErrors.session_revoked({ headers: challenges.revoked })
}
