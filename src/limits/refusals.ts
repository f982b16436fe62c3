import { hmacSha256 } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import { type Counted, type Recorder, Tally } from '../events/index.ts'
import { parseAddress } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { LimitRefused } from './events.ts'

interface Refused {
  readonly policy: string
  readonly key: string
}

export interface RefusalsOptions {
  readonly clock: Clock
  readonly hashKey: Uint8Array
  readonly recorder: Recorder
}

/**
 * Gathers refusals in memory, so that a flood costs the record one row a key and minute, not one a
 * request. A job calls `flush` every minute and at shutdown.
 */
export class Refusals {
  readonly #options: RefusalsOptions
  readonly #tally: Tally<Refused>

  constructor(options: RefusalsOptions) {
    this.#options = options
    this.#tally = new Tally(options.clock)
  }

  /** Counts one refusal; of a flood of keys the policy alone. */
  note(policy: string, key: string): void {
    const own = { key: `${policy}\0${key}`, about: { policy, key } }
    this.#tally.note(own, { key: policy, about: { policy, key: '' } })
  }

  /** Records what has gathered, one event a key; kept for the next time when that fails. */
  flush(database: Database): Promise<void> {
    return this.#tally.flush(database, (trx, counted) => this.#record(trx, counted))
  }

  async #record(trx: Trx, counted: Counted<Refused>): Promise<void> {
    await this.#options.recorder.record(trx, {
      name: 'limit.refused',
      actor: { kind: 'anonymous' },
      outcome: 'refused',
      resource: { kind: 'limit', id: counted.about.policy },
      payload: this.#payload(counted),
    })
  }

  #payload({ about: { key, policy }, count, since }: Counted<Refused>): LimitRefused {
    const keyHash = hmacSha256(this.#options.hashKey, `${policy}\0${key}`)
      .toString('hex')
      .slice(0, 16)
    const client = parseAddress(key.replace(/\/64$/, '')) ? key : undefined
    return { policy, keyHash, refusals: count, since, ...(client === undefined ? {} : { client }) }
  }
}
