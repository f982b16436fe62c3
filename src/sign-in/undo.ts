import type { Database, Trx } from '../database/index.ts'
import type { PasskeyRow } from '../passkeys/index.ts'
import type { SignInDecision } from './decide.ts'

/** Why a step came to nothing. */
export interface Refused {
  readonly refused: 'flow_invalid' | 'factor_rejected' | 'denied'
  /** For the record; absent where there is nothing to tell beyond it. */
  readonly decision?: SignInDecision
  /** A passkey that signed twice with one counter: the alarm is raised once nothing can undo it. */
  readonly cloned?: PasskeyRow
}

class Undone extends Error {
  readonly refusal: Refused

  constructor(refusal: Refused) {
    super('nothing of this step stays')
    this.refusal = refusal
  }
}

/**
 * Runs a step in one transaction. When it comes to nothing, nothing of it stays: a code is not spent
 * and a flow is not finished unless a session comes of it.
 */
export async function allOrNothing<T extends object>(
  database: Database,
  step: (trx: Trx) => Promise<T | Refused>,
): Promise<T | Refused> {
  try {
    return await database.transaction(async (trx) => {
      const done = await step(trx)
      if (isRefused(done)) throw new Undone(done)
      return done
    })
  } catch (thrown) {
    if (thrown instanceof Undone) return thrown.refusal
    throw thrown
  }
}

export function isRefused(done: object): done is Refused {
  return 'refused' in done
}
