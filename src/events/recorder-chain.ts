import type { Trx } from '../database/index.ts'
import type { EventInput, EventName } from './event.ts'
import type { Recorder } from './recorder.ts'

/**
 * Several recorders as one: each hears every event in the transaction of its change, in the order
 * in which they were added. When one of them fails, the change fails with it.
 */
export class RecorderChain implements Recorder {
  readonly #recorders: Recorder[]

  constructor(first: Recorder) {
    this.#recorders = [first]
  }

  /** Adds a recorder behind the others, for observers that are wired after those they observe. */
  add(recorder: Recorder): void {
    this.#recorders.push(recorder)
  }

  async record<N extends EventName>(trx: Trx, event: EventInput<N>): Promise<void> {
    for (const recorder of this.#recorders) await recorder.record(trx, event)
  }
}
