import { type Limits, limitErrors } from '../limits/index.ts'

/** A guess that was counted before it was tried. */
export interface ReservedGuess {
  /** Returns it: a success spends nothing of the budget for failures. */
  giveBack(): Promise<void>
}

export interface GuessBudgetParts {
  readonly limits: Limits
  /** Told of each refusal, for the record. */
  readonly refused: (policy: string, clientKey: string) => void
}

/**
 * Counts guesses before anything is hashed, atomically, so that a burst of parallel guesses cannot
 * outrun the counter: by client and name together, and by client alone.
 */
export class GuessBudget {
  readonly #parts: GuessBudgetParts

  constructor(parts: GuessBudgetParts) {
    this.#parts = parts
  }

  /** Reserves one guess or throws `rate_limited`. */
  async reserve(clientKey: string, identifier: string): Promise<ReservedGuess> {
    const taken: (readonly [policy: string, key: string])[] = []
    const wanted = [
      ['auth', `${clientKey} ${identifier}`],
      ['authClient', clientKey],
    ] as const
    for (const [policy, key] of wanted) {
      const verdict = await this.#parts.limits.consume(policy, key)
      if (!verdict.allowed) {
        await this.#giveBack(taken)
        this.#parts.refused(policy, clientKey)
        throw limitErrors.rate_limited({ retryAfter: verdict.resetSeconds })
      }
      taken.push([policy, key])
    }
    return { giveBack: () => this.#giveBack(taken) }
  }

  async #giveBack(taken: readonly (readonly [string, string])[]): Promise<void> {
    for (const [policy, key] of taken) await this.#parts.limits.refund(policy, key)
  }
}
