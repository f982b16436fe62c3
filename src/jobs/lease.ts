import type { Database } from '../database/index.ts'
import type { Clock, Logger, Random, Timer } from '../ports/index.ts'
import { renewLease } from './store.ts'

/** What the parts of the room share: the ports, and who this instance is in the table. */
export interface JobNode {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly owner: string
  /** How long a lease holds without a renewal: the wait before a crashed holder's job moves on. */
  readonly leaseMs: number
}

/**
 * Holds a claimed lease while its job runs, by renewing it every third of its time. `signal` aborts
 * once the lease went to somebody else or could not be renewed before it ran out.
 */
export class LeaseKeeper {
  readonly #node: JobNode
  readonly #name: string
  readonly #lost = new AbortController()
  #until: number
  #timer: Timer | undefined
  #beat: Promise<void> = Promise.resolve()

  constructor(node: JobNode, name: string, until: number) {
    this.#node = node
    this.#name = name
    this.#until = until
    this.#schedule()
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Ends the renewals and waits for one that is under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#lost.abort()
    await this.#beat
  }

  #schedule(): void {
    this.#timer = this.#node.clock.after(this.#node.leaseMs / 3, () => {
      this.#beat = this.#renew()
    })
  }

  async #renew(): Promise<void> {
    const { clock, database, leaseMs, logger, owner } = this.#node
    const until = clock.now() + leaseMs
    try {
      const lease = { name: this.#name, owner, until }
      const held = await database.transaction((trx) => renewLease(trx, lease))
      if (held) this.#until = until
      else this.#lost.abort()
    } catch (error) {
      logger.warn('lease of a job could not be renewed', { job: this.#name, error })
      if (clock.now() >= this.#until) this.#lost.abort()
    }
    if (!this.#lost.signal.aborted) this.#schedule()
  }
}
