import type { PasswordHasher } from '../crypto/index.ts'
import type { Database } from '../database/index.ts'
import { type Devices, deviceHash } from '../devices/index.ts'
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
  /** @internal what a known device is asked of */
  readonly devices: Pick<Devices, 'known'>
}

/** One attempt of somebody signed in to prove that the password is still theirs to know. */
export interface ProofRequest {
  readonly userId: string
  /** The session that asks; what is wrong counts as its own. */
  readonly sessionId: string
  readonly password: string
  readonly origin: Origin
  /** Tokens of the device cookie that came along, their tags verified: a known device has its own lane. */
  readonly devices?: readonly string[] | undefined
}

/**
 * Proves the current password of an account that is signed in. Guesses are counted before anything is
 * hashed, in a lane of the known device that is shown, or of the session: whoever holds a stolen one gets
 * twelve in a row and closes it to proofs, and neither that nor a siege by strangers keeps the owner from
 * changing her password in another. However many sessions are stolen, a known device still has its turn.
 * She is told after ten.
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
    const { sessionId, userId } = request
    const deviceHash = await this.#deviceOf(request)
    const lane = await throttle.findReauth({ userId, sessionId, deviceHash })
    const row = await findPassword(database.reader, userId)
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

  /** The device that is shown, if somebody has signed in to this account from it. */
  async #deviceOf({ devices: tokens = [], userId }: ProofRequest): Promise<string | undefined> {
    if (tokens.length === 0) return undefined
    const { database, devices } = this.#parts
    const hashes = tokens.map((device) => deviceHash({ device, userAgent: undefined }))
    const known = await devices.known(database.reader, userId, hashes)
    return known?.proven ? known.deviceHash : undefined
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
