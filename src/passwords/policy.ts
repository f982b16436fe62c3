import type { Clock, Logger } from '../ports/index.ts'
import {
  commonPassword,
  guessable,
  invalidPassword,
  type PasswordFault,
  tooLong,
  tooShort,
} from './faults.ts'
import type { Strength } from './strength.ts'
import { type StrengthTask, StrengthThread } from './strength-thread.ts'
import { passwordWords } from './words.ts'

export type PasswordVerdict =
  | { readonly ok: true; readonly score: number }
  | { readonly ok: false; readonly reasons: readonly PasswordFault[] }

export interface PasswordPolicyOptions {
  /** In code points after NFC, 8 or more; 15 when the password is the only factor. */
  readonly minLength: number
  /** In code points after NFC, 64 to 512. */
  readonly maxLength: number
  /** Least zxcvbn score, 0 to 4. */
  readonly minScore: number
  readonly clock: Clock
  readonly logger: Logger
  /** Judges strength instead of our worker thread; for tests. */
  readonly strength?: StrengthJudge
}

/** Where strength is judged, off the event loop. */
export interface StrengthJudge {
  judge(task: StrengthTask): Promise<Strength>
  close(): Promise<void>
}

/** A composed code point comes from at most four, each two UTF-16 units. */
const unitsPerCodePoint = 8

/**
 * The policy for new passwords, by NIST SP 800-63B-4 section 3.1.1.2: a minimum and maximum length
 * in code points after NFC, every character allowed, nothing trimmed, no composition rules, no
 * expiry; refused are common passwords and those zxcvbn finds guessable with the account's own
 * words. It applies when a password is set and never at sign-in.
 */
export class PasswordPolicy {
  readonly #options: PasswordPolicyOptions
  readonly #strength: StrengthJudge

  /** Throws TypeError for limits out of bounds. Starts nothing. */
  constructor(options: PasswordPolicyOptions) {
    requireBounds(options)
    this.#options = options
    this.#strength = options.strength ?? new StrengthThread(options)
  }

  /**
   * Judges a password as it was typed. `words` are what an attacker who knows the account tries
   * first (see passwordWords). Rejects with `unavailable` (503) when strength cannot be judged in
   * time; nothing a password holds throws.
   */
  async check(password: string, words: readonly string[]): Promise<PasswordVerdict> {
    const fault = this.#faultOfForm(password)
    if (fault) return { ok: false, reasons: [fault] }
    const task = { password: password.normalize('NFC'), words: passwordWords(words) }
    const strength = await this.#strength.judge(task)
    if (strength.isCommon) return { ok: false, reasons: [commonPassword] }
    if (strength.score >= this.#options.minScore) return { ok: true, score: strength.score }
    return { ok: false, reasons: [guessable(strength.warning)] }
  }

  /** Ends the worker thread, if one was started. */
  async close(): Promise<void> {
    await this.#strength.close()
  }

  #faultOfForm(password: string): PasswordFault | undefined {
    const { minLength, maxLength } = this.#options
    if (password.length > maxLength * unitsPerCodePoint) return tooLong(maxLength)
    if (!password.isWellFormed()) return invalidPassword
    const length = [...password.normalize('NFC')].length
    if (length < minLength) return tooShort(minLength)
    return length > maxLength ? tooLong(maxLength) : undefined
  }
}

function requireBounds({ minLength, maxLength, minScore }: PasswordPolicyOptions): void {
  requireBetween('minLength', minLength, [8, 64])
  requireBetween('maxLength', maxLength, [64, 512])
  requireBetween('minScore', minScore, [0, 4])
}

function requireBetween(
  name: string,
  value: number,
  [least, most]: readonly [number, number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new TypeError(`${name} of the password policy is a whole number from ${least} to ${most}.`)
}
