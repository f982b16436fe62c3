import type { PasswordHasher } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import type { Origin, Recorder } from '../events/index.ts'
import type { GrantedGuess, Throttle } from '../throttle/index.ts'
import { passwordErrors } from './errors.ts'
import { findPassword } from './store.ts'
import type { PasswordRow } from './table.ts'

export interface PasswordProofParts {
  readonly database: Database
  readonly recorder: Recorder
  readonly hasher: PasswordHasher
  readonly throttle: Throttle
}

/** One attempt of somebody signed in to prove that the password is still theirs to know. */
export interface ProofRequest {
  readonly userId: string
  /** The session that asks; what is wrong counts as its own. */
  readonly sessionId: string
  readonly password: string
  readonly origin: Origin
}

/**
 * Proves the current password of an account that is signed in. Guesses are counted before anything is
 * hashed, in a lane of the session: whoever holds a stolen one gets 20 in a row and closes it to proofs,
 * and neither that nor a siege by strangers keeps the owner from changing her password in another. She
 * is told after ten.
 */
export class PasswordProof {
  readonly #parts: PasswordProofParts

  constructor(parts: PasswordProofParts) {
    this.#parts = parts
  }

  /**
   * Resolves when the password is right. Throws the one `password_wrong` (401) for a wrong, a blocked and
   * a missing password and for a guess too many, and `password_queue_full` (503).
   */
  async prove(request: ProofRequest): Promise<void> {
    const { database, throttle } = this.#parts
    const lane = await throttle.findReauth(request)
    const row = await findPassword(database.reader, request.userId)
    const guess = await throttle.reserve(lane)
    if (!guess.allowed) throw passwordErrors.password_wrong()
    const right = await this.#verify(row, request.password).catch(async (thrown: unknown) => {
      // What could not be evaluated is no guess. Whoever asked hears why it failed.
      await database.transaction((trx) => throttle.release(trx, guess)).catch(() => undefined)
      throw thrown
    })
    if (right && row?.blocked === null) {
      return database.transaction((trx) => throttle.succeed(trx, guess))
    }
    await this.#refuse(request, guess, right)
    throw passwordErrors.password_wrong()
  }

  /** An account without a password costs the same hash. */
  async #verify(row: PasswordRow | undefined, password: string): Promise<boolean> {
    const { hasher } = this.#parts
    if (row) return (await hasher.verify(row.hash, password)).valid
    await hasher.verifyDummy(password)
    return false
  }

  async #refuse({ origin, userId }: ProofRequest, guess: GrantedGuess, right: boolean) {
    const { database, recorder, throttle } = this.#parts
    const cause = right ? 'credential_blocked' : 'wrong_credential'
    await database.transaction(async (trx) => {
      const attacked = await throttle.fail(trx, guess)
      const about = {
        actor: { kind: 'user', id: userId },
        resource: { kind: 'user', id: userId },
        outcome: 'failure',
        origin,
      } as const
      const payload = { userId, cause } as const
      await recorder.record(trx, { name: 'password.proof_failed', ...about, payload })
      if (!attacked) return
      await recorder.record(trx, { name: 'password.proof_attacked', ...about, payload: { userId } })
    })
  }
}
