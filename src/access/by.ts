import type { Actor, Origin } from '../events/index.ts'
import type { Giver } from './role-change.ts'

/** Who does it, for the record. Default: code of the app. */
export interface By {
  readonly actor?: Actor
  /** A sentence for the record, at most 500 characters; the reason of a status is shown to administrators. */
  readonly reason?: string
  readonly origin?: Origin
  /**
   * On whose authority it happens: then nobody changes an account that holds more than they hold, gives
   * or takes what they lack, or touches their own account. Their roles are read again inside the
   * transaction: what counts is held by these and by those. `req.auth` fits. Without it the call is
   * code's own and may do everything, but for removing the last super administrator or the last owner of
   * an organisation.
   */
  readonly giver?: Giver
}

const code: Actor = { kind: 'code' }

/** Who did it: the actor that was named, else the giver, else code. */
export function actorOf({ actor, giver }: By): Actor {
  return actor ?? (giver ? { kind: 'user', id: giver.userId } : code)
}

/** The part of an event that says who did it, why and from where. */
export function recordOf(by: By) {
  return {
    actor: actorOf(by),
    ...(by.reason === undefined ? {} : { reason: by.reason }),
    ...(by.origin ? { origin: by.origin } : {}),
  }
}
