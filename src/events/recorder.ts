import type { Trx } from '../database/index.ts'
import type { EventInput, EventName } from './event.ts'

/**
 * Records an event in the transaction of the change it tells of. When recording fails the change
 * fails with it, so there is no change without its record. Listeners hear of it after the commit.
 */
export interface Recorder {
  record<N extends EventName>(trx: Trx, event: EventInput<N>): Promise<void>
}
