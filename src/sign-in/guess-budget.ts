import type { Database, Trx } from '../database/index.ts'
import { guessPair, type Limits, type LimitVerdict, rateLimited } from '../limits/index.ts'

/** A guess that was counted before it was tried. */
export interface ReservedGuess {
  /** Returns it with the success it belongs to: only failures spend the budget. */
  giveBack(trx: Trx): Promise<void>
  /** Returns what was counted for the name, and leaves what was counted for the client alone. */
  giveBackPair(trx: Trx): Promise<void>
}

interface Taken {
  readonly policy: string
  readonly key: string
  readonly verdict: LimitVerdict
}

/**
 * Counts guesses before anything is hashed, atomically, so that a burst of parallel guesses cannot
 * outrun the counter: by client and name together, and by client alone.
 */
export class GuessBudget {
  readonly #limits: Limits
  readonly #database: Database

  constructor(limits: Limits, database: Database) {
    this.#limits = limits
    this.#database = database
  }

  /** Reserves one guess or throws `rate_limited`. */
  async reserve(clientKey: string, identifier: string): Promise<ReservedGuess> {
    const client = await this.#take('auth_client', clientKey)
    if (!client.verdict.allowed) throw rateLimited(client.verdict)
    const pair = await this.#take('auth', guessPair(clientKey, identifier))
    if (!pair.verdict.allowed) {
      await this.#database.transaction((trx) => this.#giveBack(trx, [client]))
      throw rateLimited(pair.verdict)
    }
    return {
      giveBack: (trx) => this.#giveBack(trx, [client, pair]),
      giveBackPair: (trx) => this.#giveBack(trx, [pair]),
    }
  }

  /** Reserves one try of a client that names nobody, or throws `rate_limited`. */
  async reserveClient(clientKey: string): Promise<Pick<ReservedGuess, 'giveBack'>> {
    const client = await this.#take('auth_client', clientKey)
    if (!client.verdict.allowed) throw rateLimited(client.verdict)
    return { giveBack: (trx) => this.#giveBack(trx, [client]) }
  }

  async #take(policy: string, key: string): Promise<Taken> {
    return { policy, key, verdict: await this.#limits.consume(policy, key) }
  }

  async #giveBack(trx: Trx, taken: readonly Taken[]): Promise<void> {
    for (const { key, policy, verdict } of taken) {
      await this.#limits.refund(policy, key, { verdict, trx })
    }
  }
}
