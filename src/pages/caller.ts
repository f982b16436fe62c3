import type { SecurityError } from '../errors/index.ts'
import {
  type Answer,
  type Auth,
  type Call,
  clientKeyOf,
  type Exchange,
  originOf,
} from '../http/index.ts'
import { browserOf, challenges, type SessionSecrets, sessionErrors } from '../sessions/index.ts'
import { realmOf } from '../users/index.ts'
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
    realm: realmOf(exchange),
  }
}

/** The sign-in that a page goes on with, in its browser and its realm. */
export function flowOf({ cookies }: AccountPageParts, exchange: Exchange, flow: string) {
  return { flow, browser: browserOf(exchange, cookies), realm: realmOf(exchange) }
}

/**
 * Ends the sign-in that has begun in this browser, whosever it is: the next person who sits there must
 * not go on with it, by a page left open or by a copy of its cookies.
 */
export async function endBegun(parts: AccountPageParts, exchange: Exchange): Promise<void> {
  const flow = parts.cookies.step(exchange)
  if (flow !== undefined) await parts.signIn.endFlow(flowOf(parts, exchange, flow))
}

/** Leads on with the cookies of a new session; no other sign-in goes on in this browser. */
export async function signedIn(
  parts: AccountPageParts,
  exchange: Exchange,
  done: { readonly secrets: SessionSecrets; readonly next: string },
): Promise<Answer> {
  await endBegun(parts, exchange)
  return seeOther(done.next, parts.cookies.set('session', done.secrets))
}
