import type { Db, Trx } from '../database/index.ts'
import type { FactorParts } from './parts.ts'
import { hashRecoveryCode, newRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'
import {
  consumeRecoveryCode,
  countRecoveryCodes,
  deleteRecoveryCodes,
  insertRecoveryCodes,
} from './store.ts'

/** The recovery codes of accounts: one set each. */
export class RecoverySet {
  readonly #parts: FactorParts

  constructor(parts: FactorParts) {
    this.#parts = parts
  }

  /** How many codes still work. */
  left(db: Db, userId: string): Promise<number> {
    return countRecoveryCodes(db, userId)
  }

  async replace(trx: Trx, userId: string): Promise<readonly string[]> {
    const { clock, random } = this.#parts
    const codes = newRecoveryCodes(random)
    const key = this.#key()
    const row = { user_id: userId, created_at: clock.now(), used_at: null }
    const rows = codes.map((code) => {
      return { ...row, code_hash: hashRecoveryCode(key, userId, code.replace('-', '')) }
    })
    await this.remove(trx, userId)
    await insertRecoveryCodes(trx, rows)
    return codes
  }

  async remove(trx: Trx, userId: string): Promise<void> {
    await deleteRecoveryCodes(trx, userId)
    await this.#parts.throttle.openFactor(trx, userId, 'recovery_code')
  }

  /**
   * Those made at `since` or later; false when there were none. Codes of before may be left, so what was
   * guessed at them counts on.
   */
  removeSince(trx: Trx, userId: string, since: number): Promise<boolean> {
    return deleteRecoveryCodes(trx, userId, since)
  }

  /** Spends a code; false for one that the account does not have, or has used. */
  async spend(trx: Trx, userId: string, typed: string): Promise<boolean> {
    const code = readRecoveryCode(typed)
    if (code === undefined) return false
    const hash = hashRecoveryCode(this.#key(), userId, code)
    return consumeRecoveryCode(trx, userId, { hash, now: this.#parts.clock.now() })
  }

  /** Not in the database: a dump alone does not allow to search the codes. */
  #key(): Uint8Array {
    return this.#parts.keyring.derive('recovery-codes')
  }
}
