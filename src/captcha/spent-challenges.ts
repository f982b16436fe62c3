import { hashToken } from '../crypto/index.ts'
import { type Database, inBatches } from '../database/index.ts'
import type { Clock } from '../ports/index.ts'
import { deleteSpentChallenges, insertSpentChallenge, isSpentChallenge } from './store.ts'

/** How far the clocks of two nodes may disagree before a swept challenge could be sent again. */
const skewMs = 10 * 60_000

/** A solved challenge by what makes it unique. */
export interface SolvedChallenge {
  readonly provider: string
  /** The challenge or the provider's token. */
  readonly text: string
  /** Epoch milliseconds after which it is refused for its age. */
  readonly expiresAt: number
}

/** Remembers, across nodes and restarts, which solutions were used until they would expire anyway. */
export class SpentChallenges {
  readonly #database: Database
  readonly #clock: Clock

  constructor({ clock, database }: { readonly clock: Clock; readonly database: Database }) {
    this.#clock = clock
    this.#database = database
  }

  /** Uses up a solution: true for the first caller, false for every other, on whatever node. */
  spend(solved: SolvedChallenge): Promise<boolean> {
    const row = { id: idOf(solved), expires_at: solved.expiresAt }
    return this.#database.transaction((trx) => insertSpentChallenge(trx, row))
  }

  /** Whether a solution was used, to spare a third party the question. `spend` alone decides. */
  has(solved: Omit<SolvedChallenge, 'expiresAt'>): Promise<boolean> {
    return isSpentChallenge(this.#database.reader, idOf(solved))
  }

  /** Forgets what has expired. */
  async sweep(signal?: AbortSignal): Promise<void> {
    const before = this.#clock.now() - skewMs
    await inBatches(this.#database, { size: 500, signal }, (trx, size) =>
      deleteSpentChallenges(trx, before, size),
    )
  }
}

function idOf({ provider, text }: Omit<SolvedChallenge, 'expiresAt'>): string {
  return hashToken(`${provider}:${text}`)
}
