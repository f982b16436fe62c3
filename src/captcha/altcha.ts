import type { Captcha, Clock, Random } from '../ports/index.ts'
import { newProofOfWork, verifyProofOfWork } from './proof-of-work.ts'
import type { SpentChallenges } from './spent-challenges.ts'

/** How long a challenge can be solved and sent. */
const lifeMs = 5 * 60_000

export interface AltchaParts {
  readonly key: Uint8Array
  readonly work: number
  readonly spent: SpentChallenges
  readonly clock: Clock
  readonly random: Random
}

/** A proof of work that needs nobody else: we make it, we check it, we remember what was used. */
export class Altcha implements Captcha {
  readonly provider = 'altcha'
  readonly #parts: AltchaParts

  constructor(parts: AltchaParts) {
    this.#parts = parts
  }

  async challenge(): Promise<Readonly<Record<string, unknown>>> {
    const { clock } = this.#parts
    const expiresAt = clock.now() + lifeMs
    return { provider: this.provider, ...newProofOfWork({ ...this.#parts, expiresAt }) }
  }

  /** The memory goes by the signed challenge: other spellings of one solution are the same one. */
  async verify(solution: string): Promise<boolean> {
    const { clock, key, spent } = this.#parts
    const verdict = verifyProofOfWork(solution, { key, now: clock.now() })
    if (!verdict.solved) return false
    const { challenge, expiresAt } = verdict
    return spent.spend({ provider: this.provider, text: challenge, expiresAt })
  }
}
