import type { Clock, Logger } from '../ports/index.ts'
import type { BreachList } from './breaches.ts'
import {
  breachedPassword,
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

/**
 * What became of a password. `score` is zxcvbn's, 0 (first guesses) to 4 (out of reach); it is 0 where
 * the password is known or its form is refused.
 */
export type PasswordVerdict =
  | { readonly ok: true; readonly score: number }
  | { readonly ok: false; readonly score: number; readonly reasons: readonly PasswordFault[] }

export interface PasswordPolicyOptions {
  /** In code points after NFC, 8 or more; 15 when the password is the only factor. */
  readonly minLength: number
  /** In code points after NFC, 64 to 512. */
  readonly maxLength: number
  /** Least zxcvbn score, 0 to 4. */
  readonly minScore: number
  /** Words that every account shares, such as the name and the host of the service. */
  readonly serviceWords?: readonly string[]
  /** Who is asked about breaches; by default nobody. */
  readonly breaches?: BreachList
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
 * expiry; refused are common passwords, those zxcvbn finds guessable with the words of the account
 * and of the service, and as an option those known from breaches. It applies when a password is set
 * and never at sign-in.
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
    if (fault) return refused(0, fault)
    const { breaches, minScore } = this.#options
    const text = password.normalize('NFC')
    const strength = await this.#strength.judge({ password: text, words: this.#wordsWith(words) })
    if (strength.isCommon) return refused(0, commonPassword)
    if (strength.score < minScore) return refused(strength.score, guessable(strength.warning))
    if (await breaches?.isBreached(text)) return refused(0, breachedPassword)
    return { ok: true, score: strength.score }
  }

  /** Ends the worker thread, if one was started, and questions under way. */
  async close(): Promise<void> {
    this.#options.breaches?.close()
    await this.#strength.close()
  }

  #wordsWith(words: readonly string[]): readonly string[] {
    return passwordWords([...(this.#options.serviceWords ?? []), ...words])
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

function refused(score: number, reason: PasswordFault): PasswordVerdict {
  return { ok: false, score, reasons: [reason] }
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
