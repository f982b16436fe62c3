import type { FactorMethod } from '../assurance/index.ts'
import type { Db, Trx } from '../database/index.ts'
import type { FactorGuess, GrantedGuess } from '../throttle/index.ts'
import { hasSecondFactor, type UserRow } from '../users/index.ts'
import type {
  CodeGuess,
  FactorParts,
  FactorStatus,
  RemovedFactors,
  TotpHolder,
  TotpSetup,
} from './parts.ts'
import { RecoverySet } from './recovery-set.ts'
import { TotpSecrets } from './totp-secrets.ts'

/**
 * Authenticator apps and recovery codes. A secret is sealed with its account as context, a code is a
 * keyed hash, and either is spent by one conditional UPDATE inside the caller's transaction. It knows
 * no session and records nothing: its callers do, in the same transaction.
 */
export class Factors {
  readonly #parts: FactorParts
  readonly #secrets: TotpSecrets
  readonly #codes: RecoverySet

  constructor(parts: FactorParts) {
    this.#parts = parts
    this.#secrets = new TotpSecrets(parts)
    this.#codes = new RecoverySet(parts)
  }

  /** What is enrolled. */
  async status(db: Db, userId: string): Promise<FactorStatus> {
    const since = await this.#secrets.since(db, userId)
    const recoveryCodesLeft = await this.#codes.left(db, userId)
    return { totp: since === null ? null : { since }, recoveryCodesLeft }
  }

  /** Whether a secret waits for its first code. */
  isPending(db: Db, userId: string): Promise<boolean> {
    return this.#secrets.isPending(db, userId)
  }

  /** Methods to offer: none without a second factor, for recovery codes only stand in for one. */
  async methods(db: Db, user: UserRow): Promise<readonly FactorMethod[]> {
    if (!hasSecondFactor(user)) return []
    const left = await this.#codes.left(db, user.id)
    return [
      ...(user.totp_since === null ? [] : (['totp'] as const)),
      ...(user.passkeys > 0 ? (['passkey'] as const) : []),
      ...(left > 0 ? (['recovery_code'] as const) : []),
    ]
  }

  /** Counts a try before anything is checked; undefined when its lane refuses. */
  async reserve(guess: FactorGuess): Promise<GrantedGuess | undefined> {
    const { throttle } = this.#parts
    const given = await throttle.reserve(await throttle.findFactor(guess))
    return given.allowed ? given : undefined
  }

  /**
   * Spends a code; the factor it proves, or undefined for a wrong, malformed or spent one. Throws
   * `sealed_unreadable` when the stored secret is not the account's own.
   */
  async spend(trx: Trx, guess: CodeGuess): Promise<'otp' | 'recovery' | undefined> {
    const { code, method, userId } = guess
    if (method === 'totp') {
      return (await this.#secrets.spend(trx, userId, code)) ? 'otp' : undefined
    }
    return (await this.#codes.spend(trx, userId, code)) ? 'recovery' : undefined
  }

  /** Notes that a reserved try was right: its lane begins anew. */
  succeed(trx: Trx, guess: GrantedGuess): Promise<void> {
    return this.#parts.throttle.succeed(trx, guess)
  }

  /** Notes that it was wrong; true when the owner is to be told, once a day. */
  fail(trx: Trx, guess: GrantedGuess): Promise<boolean> {
    return this.#parts.throttle.fail(trx, guess)
  }

  /** True when the owner is to be told of a flow that was used up: once a day, with what `fail` tells. */
  warn(trx: Trx, guess: GrantedGuess): Promise<boolean> {
    return this.#parts.throttle.warn(trx, guess)
  }

  /** Gives back a try that was not evaluated after all. */
  release(trx: Trx, guess: GrantedGuess): Promise<void> {
    return this.#parts.throttle.release(trx, guess)
  }

  /** Makes a secret that waits for its first code, for an hour. A live one stays what it is. */
  begin(trx: Trx, whose: TotpHolder): Promise<TotpSetup> {
    return this.#secrets.begin(trx, whose)
  }

  /**
   * The secret that waits, once more, for the session or the sign-in that set it up; undefined for any
   * other, and when its hour or its tries are over.
   */
  shown(db: Db, whose: TotpHolder): Promise<TotpSetup | undefined> {
    return this.#secrets.shown(db, whose)
  }

  /**
   * Counts a try at the first code of the secret that waits, before it is looked at; false when none waits,
   * and after ten. In a transaction of its own, or a wrong one would not stay counted.
   */
  countSetupTry(trx: Trx, userId: string): Promise<boolean> {
    return this.#secrets.countTry(trx, userId)
  }

  /** Makes the waiting secret the live one by its first code, which is spent; false for a wrong one. */
  confirm(
    trx: Trx,
    { code, userId }: { readonly userId: string; readonly code: string },
  ): Promise<boolean> {
    return this.#secrets.confirm(trx, userId, code)
  }

  /** Takes the authenticator app away; false when none was enrolled. */
  remove(trx: Trx, userId: string): Promise<boolean> {
    return this.#secrets.remove(trx, userId)
  }

  /**
   * Takes back what was enrolled or made at `since` or later, in epoch milliseconds, and any secret that
   * still waits; says what was among it. What is older stays.
   */
  async removeSince(trx: Trx, userId: string, since: number): Promise<RemovedFactors> {
    const totp = await this.#secrets.removeSince(trx, userId, since)
    return { totp, recoveryCodes: await this.#codes.removeSince(trx, userId, since) }
  }

  /** A new set of codes in place of every other. They are given here and never again. */
  newCodes(trx: Trx, userId: string): Promise<readonly string[]> {
    return this.#codes.replace(trx, userId)
  }

  /** A new set for whoever has none left. */
  async codesIfNone(trx: Trx, userId: string): Promise<readonly string[] | undefined> {
    return (await this.#codes.left(trx, userId)) > 0 ? undefined : this.newCodes(trx, userId)
  }

  removeCodes(trx: Trx, userId: string): Promise<void> {
    return this.#codes.remove(trx, userId)
  }

  /** Takes over a secret that its owner's app has already: live at once. */
  adopt(
    trx: Trx,
    { secret, userId }: { readonly userId: string; readonly secret: Uint8Array },
  ): Promise<void> {
    return this.#secrets.adopt(trx, userId, secret)
  }

  /** Forgets what was guessed at every factor, passkeys included: for a reset, after which none is left. */
  openLanes(trx: Trx, userId: string): Promise<void> {
    return this.#parts.throttle.openFactor(trx, userId)
  }
}
