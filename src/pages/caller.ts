import type { SecurityError } from '../errors/index.ts'
import { type Auth, type Call, originOf } from '../http/index.ts'
import { challenges, sessionErrors } from '../sessions/index.ts'

/** The person who calls a page that only signed-in people reach. */
export function callerOf({ auth }: Pick<Call, 'auth'>): Auth {
  if (!auth) throw goneSession()
  return auth
}

/** The session ended while its page was being made. */
export function goneSession(): SecurityError {
  return sessionErrors.session_revoked({ headers: challenges.revoked })
}

/** Who did it, and from where, for what people do to their own sessions and devices. */
export function byOwner(call: Pick<Call, 'auth' | 'exchange'>) {
  return {
    actor: { kind: 'user', id: callerOf(call).userId },
    origin: originOf(call.exchange),
  } as const
}
