import type { SecurityError } from '../errors/index.ts'
import {
  type Answer,
  type Auth,
  type Call,
  clientKeyOf,
  type Exchange,
  originOf,
} from '../http/index.ts'
import { challenges, type SessionSecrets, sessionErrors } from '../sessions/index.ts'
import { seeOther } from './layout.ts'
import type { AccountPageParts } from './parts.ts'

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

/** Who asks to be signed in, as every door is told it. */
export function askingOf({ cookies }: AccountPageParts, exchange: Exchange) {
  return {
    devices: cookies.devices(exchange),
    clientKey: clientKeyOf(exchange),
    origin: originOf(exchange),
  }
}

/** Leads on with the cookies of a new session; what bound its sign-in to this browser goes. */
export function signedIn(parts: AccountPageParts, secrets: SessionSecrets, next: string): Answer {
  return seeOther(next, sessionCookies(parts, secrets))
}

export function sessionCookies(
  { cookies }: AccountPageParts,
  secrets: SessionSecrets,
): readonly string[] {
  return [...cookies.set('session', secrets), cookies.clearFlow(), cookies.clearStep()]
}
