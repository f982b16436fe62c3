import type { Trx } from '../database/index.ts'
import type { EventInput, EventName, Recorder } from '../events/index.ts'
import type { Clock } from '../ports/index.ts'
import { deleteWaitingReset } from './reset-store.ts'

export interface ResetWatchParts {
  /** All recorders: what is withdrawn is recorded by each. */
  readonly recorder: Recorder
  readonly clock: Clock
}

type AnyEvent = { readonly [N in EventName]: EventInput<N> }[EventName]

/**
 * Withdraws a reset of second factors that waits for a second administrator, once the password or a
 * second factor of the account changes, or its owner reports "this was not me": whoever asked for it
 * knew another state of things. Nothing else does, or a stolen session could withdraw it for ever by
 * what it may do without a proof. In the transaction of the change, and recorded.
 */
export class ResetWatch implements Recorder {
  readonly #parts: ResetWatchParts

  constructor(parts: ResetWatchParts) {
    this.#parts = parts
  }

  async record<N extends EventName>(trx: Trx, event: EventInput<N>): Promise<void> {
    const { clock, recorder } = this.#parts
    const userId = changedBy(event as unknown as AnyEvent)
    if (userId === undefined || !(await deleteWaitingReset(trx, userId, clock.now()))) return
    await recorder.record(trx, {
      name: 'factor.reset_withdrawn',
      actor: event.actor,
      resource: { kind: 'user', id: userId },
      ...(event.origin ? { origin: event.origin } : {}),
      payload: { userId },
    })
  }
}

/** Whose password or second factor an event changes. */
function changedBy(event: AnyEvent): string | undefined {
  switch (event.name) {
    case 'password.changed':
    case 'password.reset':
    case 'user.password_set':
    case 'user.reset_forced':
    case 'factor.enabled':
    case 'factor.disabled':
    case 'factor.codes_renewed':
    case 'account.reported':
      return event.payload.userId
    default:
      return undefined
  }
}
