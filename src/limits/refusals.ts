import { hmacSha256 } from '../crypto/index.ts'
import type { Database, Trx } from '../database/index.ts'
import type { Recorder } from '../events/index.ts'
import { parseAddress } from '../http/index.ts'
import type { Clock } from '../ports/index.ts'
import type { LimitRefused } from './events.ts'

/** Keys told apart at once; the refusals of further ones are added up under their policy. */
const maxKeys = 1_000

interface Tally {
  readonly policy: string
  readonly key: string
  readonly since: number
  refusals: number
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
  #tallies = new Map<string, Tally>()

  constructor(options: RefusalsOptions) {
    this.#options = options
  }

  /** Counts one refusal. */
  note(policy: string, key: string): void {
    const own = `${policy}\0${key}`
    const crowded = this.#tallies.size >= maxKeys && !this.#tallies.has(own)
    const id = crowded ? policy : own
    const tally = this.#tallies.get(id)
    if (tally) tally.refusals += 1
    else {
      const since = this.#options.clock.now()
      this.#tallies.set(id, { policy, key: crowded ? '' : key, since, refusals: 1 })
    }
  }

  /** Records what has gathered, one event a key; kept for the next time when that fails. */
  async flush(database: Database): Promise<void> {
    const tallies = this.#tallies
    if (tallies.size === 0) return
    this.#tallies = new Map()
    try {
      await database.transaction((trx) => this.#record(trx, [...tallies.values()]))
    } catch (error) {
      this.#restore(tallies)
      throw error
    }
  }

  async #record(trx: Trx, tallies: readonly Tally[]): Promise<void> {
    for (const tally of tallies) {
      await this.#options.recorder.record(trx, {
        name: 'limit.refused',
        actor: { kind: 'anonymous' },
        outcome: 'refused',
        resource: { kind: 'limit', id: tally.policy },
        payload: this.#payload(tally),
      })
    }
  }

  #payload({ policy, key, refusals, since }: Tally): LimitRefused {
    const keyHash = hmacSha256(this.#options.hashKey, `${policy}\0${key}`)
      .toString('hex')
      .slice(0, 16)
    const client = parseAddress(key.replace(/\/64$/, '')) ? key : undefined
    return { policy, keyHash, refusals, since, ...(client === undefined ? {} : { client }) }
  }

  #restore(tallies: ReadonlyMap<string, Tally>): void {
    for (const [id, tally] of tallies) {
      const newer = this.#tallies.get(id)
      if (newer) tally.refusals += newer.refusals
      this.#tallies.set(id, tally)
    }
  }
}
